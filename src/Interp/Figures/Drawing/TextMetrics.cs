using System.Text;

namespace Interp;

/// <summary>How wide text will be, nearly: the reader's font is not known here.</summary>
internal static class TextMetrics
{
    /// <summary>The size whose width is that of a title, which is set bold.</summary>
    public const double TitleSize = 15.5;

    /// <summary>The width of a line of text in pixels in the sans-serif font of figures.</summary>
    public static double Width(string text, double size = 12)
    {
        var em = 0.0;
        foreach (var rune in text.EnumerateRunes())
            em += Em(rune);
        return em * size;
    }

    /// <summary>The text, cut to a number of characters with an ellipsis.</summary>
    public static string Cut(string text, int characters)
    {
        if (text.Length <= characters)
            return text;
        var end = char.IsHighSurrogate(text[characters - 2]) ? characters - 2 : characters - 1;
        return text[..end] + "…";
    }

    private static double Em(Rune rune) => rune.Value switch
    {
        'i' or 'j' or 'l' or '.' or ',' or '\'' or '|' or ':' or ';' or '!' or 'I' => 0.33,
        ' ' or 'f' or 't' or 'r' or '(' or ')' or '[' or ']' or '-' or '·' or '/' => 0.42,
        'm' or 'w' or 'M' or 'W' or '@' or '%' or '…' or '⏎' => 0.95,
        >= 'A' and <= 'Z' => 0.71,
        '<' or '>' or '=' or '+' or '~' or '−' or '→' => 0.84,
        var value when DisplayText.IsWide(value) => 1.05,
        _ => 0.63,
    };
}
