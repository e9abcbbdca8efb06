namespace Interp;

using System.Text;

/// <summary>Characters of UTF-16 text as runes and as UTF-8; a lone surrogate counts as U+FFFD.</summary>
internal static class Utf8
{
    /// <summary>How many code units the first character takes: 1 or 2.</summary>
    public static int Width(ReadOnlySpan<char> text) =>
        char.IsHighSurrogate(text[0]) && text.Length > 1 && char.IsLowSurrogate(text[1]) ? 2 : 1;

    /// <summary>Writes the first character's bytes to <paramref name="utf8"/> (at least 4 long) and returns its width in code units.</summary>
    public static int Next(ReadOnlySpan<char> text, Span<byte> utf8, out int bytes)
    {
        if (text[0] < 0x80)
        {
            utf8[0] = (byte)text[0];
            bytes = 1;
            return 1;
        }
        Rune.DecodeFromUtf16(text, out var rune, out var width);
        bytes = rune.EncodeToUtf8(utf8);
        return width;
    }

    /// <summary>The first character; U+FFFD for a lone surrogate.</summary>
    public static Rune First(ReadOnlySpan<char> text, out int width)
    {
        if (text[0] < 0x80)
        {
            width = 1;
            return new Rune(text[0]);
        }
        Rune.DecodeFromUtf16(text, out var rune, out width);
        return rune;
    }

    /// <summary>The last character; U+FFFD for a lone surrogate.</summary>
    public static Rune Last(ReadOnlySpan<char> text)
    {
        Rune.DecodeLastFromUtf16(text, out var rune, out _);
        return rune;
    }
}
