namespace Interp.Packages.Tests.Support;

using System.Collections;
using System.Diagnostics;
using System.Text;

/// <summary>Runs the .NET SDK as a user does: in a process of its own, with none of the test runner's settings.</summary>
internal static class Sdk
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(9);

    /// <summary>Runs <c>dotnet</c> and returns what it printed on standard output; what it printed is the message where it fails.</summary>
    public static string Run(string folder, IReadOnlyDictionary<string, string>? environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // the runner's own build must not reach the one that is started
        foreach (string name in ((IDictionary)Environment.GetEnvironmentVariables()).Keys)
            if (name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.Ordinal))
                start.Environment.Remove(name);
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        using var process = new Process { StartInfo = start };
        var (output, errors) = (new StringBuilder(), new StringBuilder());
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(Longest))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {string.Join(' ', start.ArgumentList)} took longer than {Longest}:\n{output}{errors}");
        }
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.ToString()
            : throw new InvalidOperationException(
                $"dotnet {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}:\n{output}{errors}"
            );
    }
}
