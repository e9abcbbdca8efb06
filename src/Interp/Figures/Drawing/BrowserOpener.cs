using System.ComponentModel;
using System.Diagnostics;

namespace Interp;

/// <summary>Opens a file in the user's browser.</summary>
internal static class BrowserOpener
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Asks the programs that BROWSER names, then the platform, to open a file, and waits a moment for each to refuse.</summary>
    /// <param name="path">The file.</param>
    /// <param name="variable">The environment.</param>
    /// <returns>Null where one was asked and did not refuse; else why none did.</returns>
    public static string? TryOpen(string path, Func<string, string?> variable)
    {
        var refusals = new List<string>();
        foreach (var command in Commands(path, variable))
            if (Refusal(command) is { } refusal)
                refusals.Add(refusal);
            else
                return null;
        return refusals.Count > 0 ? string.Join("; ", refusals) : "there is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set), and BROWSER names no program";
    }

    private static IEnumerable<ProcessStartInfo> Commands(string path, Func<string, string?> variable)
    {
        if (OperatingSystem.IsWindows())
        {
            yield return new ProcessStartInfo(path) { UseShellExecute = true };
            yield break;
        }

        foreach (var program in (variable("BROWSER") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            yield return Quiet(program.Replace("%s", "", StringComparison.Ordinal).Trim(), path);
        if (OperatingSystem.IsMacOS())
            yield return Quiet("open", path);
        // Without a screen xdg-open may start a browser in the terminal.
        else if (!string.IsNullOrEmpty(variable("DISPLAY")) || !string.IsNullOrEmpty(variable("WAYLAND_DISPLAY")))
            yield return Quiet("xdg-open", path);
    }

    // A browser writes to its terminal for as long as it lives: into nothing, not into a pipe that nobody reads.
    private static ProcessStartInfo Quiet(string program, string path) => new("/bin/sh", ["-c", "exec \"$0\" \"$1\" >/dev/null 2>&1 </dev/null", program, path]);

    private static string? Refusal(ProcessStartInfo command)
    {
        var name = command.ArgumentList.Count > 2 ? $"'{command.ArgumentList[2]}'" : "the system";
        try
        {
            using var process = Process.Start(command);
            if (process is null || !process.WaitForExit(Patience) || process.ExitCode == 0)
                return null;
            return process.ExitCode is 126 or 127 ? $"{name} is no program here" : $"{name} ended with code {process.ExitCode}";
        }
        catch (Exception e) when (e is Win32Exception or FileNotFoundException or PlatformNotSupportedException)
        {
            return $"{name}: {e.Message}";
        }
    }
}
