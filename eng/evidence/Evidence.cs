namespace Interp;

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

/// <summary>Records what a test or a benchmark measured, for <c>docs/evidence.md</c>; compiled into each of those projects.</summary>
/// <remarks>Writes to the file that the environment variable <c>INTERP_EVIDENCE</c> names, and nothing when it is not set.
/// <c>INTERP_FULL=1</c> asks the long rows to run in full; <c>eng/evidence.sh</c> sets both.</remarks>
internal static class Evidence
{
    private static readonly Lock Gate = new();

    /// <summary>Whether the long rows run in full size.</summary>
    public static bool Full { get; } = Environment.GetEnvironmentVariable("INTERP_FULL") == "1";

    /// <summary>Records one figure of a row. Call it before the assertion, so that a failure is on record too.</summary>
    /// <param name="row">The row's id in <c>eng/evidence/*.json</c>.</param>
    /// <param name="holds">Whether what the row claims is so here.</param>
    /// <param name="figure">What was measured, with its unit. Where the row declares cases it begins with one's name:
    /// <c>gpt2 raw: 214 arrays, at most 3.1e-7</c>.</param>
    /// <param name="file">The recording source file; filled in by the compiler.</param>
    public static void Record(string row, bool holds, string figure, [CallerFilePath] string file = "")
    {
        if (Environment.GetEnvironmentVariable("INTERP_EVIDENCE") is not { Length: > 0 } path)
            return;
        var line = JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                ["row"] = row,
                ["holds"] = holds,
                ["figure"] = figure,
                ["by"] = Path.GetFileNameWithoutExtension(file),
            }
        );
        lock (Gate)
            File.AppendAllText(path, line + "\n");
    }

    /// <summary>A number with three significant digits, in the invariant culture.</summary>
    public static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
