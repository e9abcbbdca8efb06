namespace Interp.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

/// <summary>A Python process that runs a peer script of <c>benchmarks/peers</c> and answers request lines with numbers.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process process;

    private PythonPeer(Process process, string description) => (this.process, Description) = (process, description);

    /// <summary>What the script said at its start.</summary>
    public string Description { get; }

    /// <summary>Starts a script, or says visibly why not and returns null.</summary>
    /// <param name="script">A file of <c>benchmarks/peers</c>.</param>
    public static PythonPeer? Start(string script)
    {
        var path = Path.GetFullPath(Path.Combine(Folder(), "..", "peers", script));
        foreach (var python in new[] { Environment.GetEnvironmentVariable("INTERP_PYTHON"), "/usr/bin/python3", "python3" }.OfType<string>())
        {
            if (!Answers(python, path))
                continue;
            var process = Process.Start(Info(python, path))!;
            if (process.StandardOutput.ReadLine() is { } description)
                return new PythonPeer(process, description);
        }
        Console.WriteLine($"skipped: no Python with torch for {script} (Debian: apt install python3-torch; else set INTERP_PYTHON)");
        return null;
    }

    /// <summary>Sends a request and reads the number it is answered with.</summary>
    public double Ask(string request)
    {
        process.StandardInput.WriteLine(request);
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The peer ended: {process.StandardError.ReadToEnd()}");
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
            using var process = Process.Start(Info(python, script, "--check"))!;
            process.StandardInput.Close();
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
        RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
    };

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
