using System.Globalization;
using System.Text;

namespace Interp;

/// <summary>Labels and tokens made visible and safe, for terminals and for HTML.</summary>
internal static class DisplayText
{
    /// <summary>A label on one line: a space at either end or behind a space becomes a middle dot, a newline ⏎, other controls their picture or code.</summary>
    public static string Visible(string label) => Visible(label, everySpace: false);

    /// <summary>A token on one line: as <see cref="Visible(string)"/>, and spaces inside it are dots too.</summary>
    public static string Token(string token) => Visible(token, everySpace: true);

    /// <summary>Text with everything that HTML, SVG or an attribute could take for markup escaped.</summary>
    public static string Html(string text)
    {
        if (text.AsSpan().IndexOfAny("<>&\"'\n") < 0 && !text.Any(IsUnprintable))
            return text;
        var html = new StringBuilder(text.Length + 16);
        foreach (var c in text)
            _ = c switch
            {
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '&' => html.Append("&amp;"),
                '"' => html.Append("&quot;"),
                '\'' => html.Append("&#39;"),
                '\n' => html.Append("&#10;"),
                _ => IsUnprintable(c) ? html.Append('\uFFFD') : html.Append(c),
            };
        return html.ToString();
    }

    /// <summary>How many columns of a terminal a text takes.</summary>
    public static int Columns(string text)
    {
        var columns = 0;
        foreach (var rune in text.EnumerateRunes())
            columns += Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0 : IsWide(rune.Value) ? 2 : 1;
        return columns;
    }

    /// <summary>Whether a character is drawn twice as wide as a Latin letter: East Asian scripts and emoji.</summary>
    public static bool IsWide(int rune) =>
        rune is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF
            or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD;

    private static string Visible(string label, bool everySpace)
    {
        if (label.Length == 0)
            return "∅";
        var (start, end) = (label.Length - label.TrimStart(' ').Length, label.TrimEnd(' ').Length);
        var text = new StringBuilder(label.Length + 4);
        for (var i = 0; i < label.Length; i++)
            _ = label[i] switch
            {
                ' ' when everySpace || i < start || i >= end || label[i - 1] == ' ' => text.Append('·'),
                '\n' => text.Append('⏎'),
                '\r' => text.Append('␍'),
                '\t' => text.Append('⇥'),
                '\u00A0' => text.Append('⍽'),
                < ' ' => text.Append((char)(0x2400 + label[i])),
                '\u007F' => text.Append('␡'),
                var c when IsHidden(c) => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                var c => text.Append(c),
            };
        return text.ToString();
    }

    // Zero-width characters, marks that turn the direction of text, C1 controls: invisible, and able to disguise what stands around them.
    private static bool IsHidden(char c) =>
        c is >= '\u0080' and <= '\u009F' or '\u00AD' or >= '\u200B' and <= '\u200F' or >= '\u2028' and <= '\u202E' or >= '\u2060' and <= '\u206F' or '\uFEFF';

    // Not allowed in XML, so an SVG holding one would not open.
    private static bool IsUnprintable(char c) => c is < ' ' and not ('\n' or '\t' or '\r') or '\uFFFE' or '\uFFFF';
}
