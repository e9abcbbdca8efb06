namespace Interp;

using System.Globalization;
using System.Text;

/// <summary>Turns runs of <c>&lt;0xNN&gt;</c> tokens into text; bytes that are not UTF-8 become one U+FFFD each.</summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override List<string> Decode(List<string> tokens)
    {
        var texts = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } b)
            {
                run.Add(b);
                continue;
            }
            Flush(run, texts);
            texts.Add(token);
        }
        Flush(run, texts);
        return texts;
    }

    public override string Display(string token) => ByteOf(token) is { } b ? Text([b]) : token;

    /// <summary>The byte of a token <c>&lt;0xNN&gt;</c>, or null.</summary>
    public static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b) ? b : null;

    private static void Flush(List<byte> run, List<string> texts)
    {
        if (run.Count > 0)
            texts.Add(Text([.. run]));
        run.Clear();
    }

    private static string Text(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return new string('\uFFFD', bytes.Length);
        }
    }
}
