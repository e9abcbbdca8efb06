namespace Interp;

/// <summary>How a text is encoded. A <see cref="Interp.Bos"/> converts to it, so <c>tokenizer.Encode(text, Bos.Always)</c> reads as it should.</summary>
public sealed record EncodeOptions
{
    /// <summary>The tokenizer's own way: its template of special tokens, special tokens in the text recognised.</summary>
    public static EncodeOptions Default { get; } = new();

    /// <summary>The beginning-of-sequence token.</summary>
    public Bos Bos { get; init; } = Bos.Default;

    /// <summary>
    /// Whether the tokenizer's template is applied (beginning, end, class and separator tokens). False adds none of them,
    /// except that <see cref="Interp.Bos.Always"/> still adds the beginning-of-sequence token.
    /// </summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>
    /// Whether a special token that is written out in the text (<c>&lt;|endoftext|&gt;</c>) becomes that token. False reads it as
    /// ordinary characters, which is what text from strangers needs.
    /// </summary>
    public bool ParseSpecialTokens { get; init; } = true;

    /// <summary>Options that differ from the default in the beginning-of-sequence token alone.</summary>
    public static implicit operator EncodeOptions(Bos bos) => bos == Bos.Default ? Default : new EncodeOptions { Bos = bos };
}
