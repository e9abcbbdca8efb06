namespace Interp.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

/// <summary>A Python process that runs a peer script of <c>benchmarks/peers</c> and answers the names of pieces of work with milliseconds.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process process;

    private PythonPeer(Process process, string description)
    {
        this.process = process;
        Report = PeerReport.Parse(description);
        Works = [.. JsonDocument.Parse(description).RootElement.GetProperty("works").EnumerateArray().Select(w => w.GetString()!)];
    }

    /// <summary>Which library answers, with which BLAS; nothing measured yet.</summary>
    public PeerReport Report { get; }

    /// <summary>What it can be asked.</summary>
    public IReadOnlyList<string> Works { get; }

    /// <summary>Starts a script, or says visibly why not and returns null.</summary>
    /// <param name="script">A file of <c>benchmarks/peers</c>.</param>
    public static PythonPeer? Start(string script)
    {
        var path = Path.GetFullPath(Path.Combine(Folder(), "..", "peers", script));
        foreach (var python in new[] { Environment.GetEnvironmentVariable("INTERP_PYTHON"), "/usr/bin/python3", "python3" }.OfType<string>())
        {
            if (!Answers(python, path))
                continue;
            var process = Process.Start(Info(python, path, "--serve"))!;
            if (process.StandardOutput.ReadLine() is { } description)
                return new PythonPeer(process, description);
        }
        Console.WriteLine($"not run: {script}, whose libraries no Python here has (its first lines say which; INTERP_PYTHON names another Python)");
        return null;
    }

    /// <summary>Has a piece of work done and reads the milliseconds it took.</summary>
    public double Ask(string work)
    {
        process.StandardInput.WriteLine(work);
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Report.Peer} ended at '{work}'; what it wrote stands above.");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(5000))
            process.Kill();
        process.Dispose();
    }

    private static bool Answers(string python, string script)
    {
        try
        {
            var info = Info(python, script, "--check");
            info.RedirectStandardError = true; // an import that fails is said in one line, not by its trace
            using var process = Process.Start(info)!;
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no such program
        }
    }

    private static ProcessStartInfo Info(string python, params string[] arguments) => new(python, arguments)
    {
        RedirectStandardInput = true, RedirectStandardOutput = true,
    };

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
