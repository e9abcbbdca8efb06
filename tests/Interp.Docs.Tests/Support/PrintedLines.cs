namespace Interp.Docs.Tests.Support;

using System.Globalization;
using System.Text.RegularExpressions;

/// <summary>Compares lines that a page shows with lines that were printed: the same words, and numbers that differ by at most one in the last place shown.</summary>
internal static partial class PrintedLines
{
    private const string Rest = "...";

    /// <summary>The lines that were not printed.</summary>
    /// <param name="shown">Lines of a page; "..." at the end of one leaves out the rest.</param>
    /// <param name="printed">All that was printed.</param>
    public static IReadOnlyList<string> Missing(IEnumerable<string> shown, string printed)
    {
        var lines = printed.ReplaceLineEndings("\n").Split('\n').Select(Take).ToList();
        return [.. shown.Where(line => !lines.Any(other => Same(line, other)))];
    }

    private static bool Same(string shown, (string Words, string[] Numbers) printed)
    {
        var open = shown.EndsWith(Rest, StringComparison.Ordinal);
        var (words, numbers) = Take(open ? shown[..^Rest.Length] : shown);
        return (open ? printed.Words.StartsWith(words, StringComparison.Ordinal) : printed.Words == words) && numbers.Zip(printed.Numbers).All(pair => Near(pair.First, pair.Second));
    }

    // the line's words with # for each number, and the numbers
    private static (string Words, string[] Numbers) Take(string line) =>
        (Spaces().Replace(Number().Replace(line, "#"), " ").Trim(), [.. Number().Matches(line).Select(match => match.Value)]);

    private static bool Near(string shown, string printed)
    {
        var places = shown.Contains('.') ? shown.Length - shown.IndexOf('.') - 1 : 0;
        return shown == printed
            || (places > 0 && Math.Abs(double.Parse(shown, CultureInfo.InvariantCulture) - double.Parse(printed, CultureInfo.InvariantCulture)) <= 1.01 * Math.Pow(10, -places));
    }

    [GeneratedRegex(@"[+-]?\d+(\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
