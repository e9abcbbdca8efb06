namespace Interp;

using System.Text;

/// <summary>
/// The byte-level alphabet of GPT-2: every byte has a printable character. The printable bytes of Latin-1 are themselves; the other 68, in
/// ascending order, are U+0100 and on (so a space is <c>Ġ</c>, U+0120).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Build();
    private static readonly short[] Bytes = Invert(Characters);

    public static char Character(byte b) => Characters[b];

    /// <summary>The byte that a character stands for, or -1.</summary>
    public static int Byte(char c) => c < Bytes.Length ? Bytes[c] : -1;

    /// <summary>The UTF-8 bytes of a text, spelt in the alphabet.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        var spelt = new StringBuilder(text.Length + 8);
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < text.Length;)
        {
            at += Utf8.Next(text[at..], utf8, out var bytes);
            foreach (var b in utf8[..bytes])
                spelt.Append(Characters[b]);
        }
        return spelt.ToString();
    }

    /// <summary>The bytes that a token stands for; a token with a character outside the alphabet stands for its own UTF-8.</summary>
    public static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            var b = Byte(token[i]);
            if (b < 0)
                return Encoding.UTF8.GetBytes(token);
            bytes[i] = (byte)b;
        }
        return bytes;
    }

    private static char[] Build()
    {
        var characters = new char[256];
        var extra = (char)0x100;
        for (var b = 0; b < 256; b++)
            characters[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : extra++;
        return characters;
    }

    private static short[] Invert(char[] characters)
    {
        var bytes = new short[characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var b = 0; b < 256; b++)
            bytes[characters[b]] = (short)b;
        return bytes;
    }
}
