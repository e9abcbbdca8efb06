namespace Interp;

/// <summary>
/// Text to token ids and back. Implementations are immutable and may be used by many threads at once.
/// Load one with <see cref="Tokenizers.Load"/>; a toy model's is a <see cref="VocabularyTokenizer"/>.
/// </summary>
public interface ITokenizer
{
    /// <summary>One more than the largest id. A model's <c>d_vocab</c> may be larger: embeddings are often padded.</summary>
    int VocabularySize { get; }

    /// <summary>The beginning-of-sequence token, or null when there is none.</summary>
    int? BosId { get; }

    /// <summary>The end-of-sequence token, or null when there is none.</summary>
    int? EosId { get; }

    /// <summary>The padding token, or null when there is none.</summary>
    int? PadId { get; }

    /// <summary>Whether <see cref="Bos.Default"/> puts the beginning-of-sequence token first.</summary>
    bool AddsBos { get; }

    /// <summary>Splits a text into tokens.</summary>
    /// <param name="text">Any text; a lone surrogate is read as U+FFFD.</param>
    /// <param name="options">Special tokens; null is <see cref="EncodeOptions.Default"/>.</param>
    /// <exception cref="ArgumentException"><see cref="Bos.Always"/> was asked of a tokenizer without such a token, or the text holds
    /// something that the vocabulary cannot express.</exception>
    TokenizedText Encode(string text, EncodeOptions? options = null);

    /// <summary>The text of a sequence of tokens. Ids at or above <see cref="VocabularySize"/> (padded embeddings) give nothing.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Whether special tokens are left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false);

    /// <summary>
    /// The display string of one token: its text as it stands within a sentence, with its leading space. Bytes that are no whole UTF-8
    /// character show as U+FFFD, an id that names no token as <c>&lt;unused 50300&gt;</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    string TokenText(int id);

    /// <summary>The id of a token, written as the tokenizer's file writes it (<c>ĠMary</c>, <c>▁Mary</c>) or as <see cref="TokenText"/> shows it
    /// (<c>" Mary"</c>); the file's spelling wins. Null when there is no such token.</summary>
    int? TokenId(string token);

    /// <summary>Whether the token is special: not text, but a mark such as beginning or end.</summary>
    bool IsSpecial(int id);
}
