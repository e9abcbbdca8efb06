using System.ComponentModel;
using System.Diagnostics;

namespace Interp;

/// <summary>Opens a file in the user's browser.</summary>
internal static class BrowserOpener
{
    /// <summary>Asks the platform to open a file.</summary>
    /// <returns>Whether something was asked; false where there is no screen or no opener.</returns>
    public static bool TryOpen(string path)
    {
        if (Command(path) is not { } command)
            return false;
        try
        {
            using var process = Process.Start(command);
            return true;
        }
        catch (Exception e) when (e is Win32Exception or FileNotFoundException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    private static ProcessStartInfo? Command(string path)
    {
        if (OperatingSystem.IsWindows())
            return new ProcessStartInfo(path) { UseShellExecute = true };
        if (OperatingSystem.IsMacOS())
            return new ProcessStartInfo("open", [path]);
        // Without a screen xdg-open may start a browser in the terminal.
        var screen = Environment.GetEnvironmentVariable("DISPLAY") ?? Environment.GetEnvironmentVariable("WAYLAND_DISPLAY");
        return string.IsNullOrEmpty(screen)
            ? null
            : new ProcessStartInfo("xdg-open", [path]) { RedirectStandardOutput = true, RedirectStandardError = true };
    }
}
