namespace Interp;

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

/// <summary>
/// A regular expression in Oniguruma's syntax, matched rune by rune. .NET matches UTF-16, where letters beyond the Basic Multilingual Plane are no
/// letters; so each of them is replaced, for matching, by one character of the same category, and the matches are moved back.
/// </summary>
internal sealed class RegexPattern : TextPattern
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Dictionary<UnicodeCategory, char> StandIns = FindStandIns();
    private readonly Regex regex;

    /// <exception cref="InvalidDataException">The pattern is not valid.</exception>
    public RegexPattern(string pattern, string source)
    {
        try
        {
            regex = new Regex(Oniguruma.Translate(pattern), RegexOptions.CultureInvariant | RegexOptions.Multiline, Patience);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{source}: '{pattern}' cannot be read as a regular expression: {error.Message}", error);
        }
    }

    public override List<CharSpan> Matches(Piece piece)
    {
        var text = piece.Span.ToString();
        var matches = new List<CharSpan>();
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            foreach (Match match in regex.Matches(text))
                matches.Add(new CharSpan(match.Index, match.Index + match.Length));
            return matches;
        }
        var (projected, starts) = Project(text);
        foreach (Match match in regex.Matches(projected))
            matches.Add(new CharSpan(starts[match.Index], starts[match.Index + match.Length]));
        return matches;
    }

    private static (string Projected, int[] Starts) Project(string text)
    {
        var projected = new StringBuilder(text.Length);
        var starts = new List<int>(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var rune = Utf8.First(text.AsSpan(at), out var width);
            projected.Append(rune.IsBmp ? (char)rune.Value : StandIn(rune));
            starts.Add(at);
            at += width;
        }
        starts.Add(text.Length);
        return (projected.ToString(), [.. starts]);
    }

    private static char StandIn(Rune rune) =>
        Oniguruma.IsHan(rune.Value) ? '\u4E00' : StandIns.GetValueOrDefault(Rune.GetUnicodeCategory(rune), '\uFFFD');

    /// <summary>For each category its last character in the plane: one that no pattern names.</summary>
    private static Dictionary<UnicodeCategory, char> FindStandIns()
    {
        var found = new Dictionary<UnicodeCategory, char>();
        for (var c = 0xFFDC; c > 0xFF; c--)
            if (!char.IsSurrogate((char)c) && !Oniguruma.IsHan(c))
                found.TryAdd(CharUnicodeInfo.GetUnicodeCategory(c), (char)c);
        return found;
    }
}
