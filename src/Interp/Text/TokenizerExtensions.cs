namespace Interp;

/// <summary>What is often asked of a tokenizer, in terms of its interface.</summary>
public static class TokenizerExtensions
{
    /// <summary>The token ids of a text, <c>[pos]</c>.</summary>
    public static int[] Ids(this ITokenizer tokenizer, string text, EncodeOptions? options = null) =>
        [.. tokenizer.Encode(text, options).Ids];

    /// <summary>The display strings of a text's tokens, <c>[pos]</c>.</summary>
    public static string[] Tokens(this ITokenizer tokenizer, string text, EncodeOptions? options = null) =>
        [.. tokenizer.Encode(text, options).Tokens];

    /// <summary>The text of a sequence of tokens; see <see cref="ITokenizer.Decode"/>.</summary>
    public static string Decode(this ITokenizer tokenizer, IEnumerable<int> ids, bool skipSpecial = false) =>
        tokenizer.Decode(ids as int[] ?? [.. ids], skipSpecial);

    /// <summary>The id of the one token that <paramref name="text"/> is, such as <c>" Mary"</c>.</summary>
    /// <exception cref="ArgumentException">The text is not exactly one token; the message shows what it is.</exception>
    public static int SingleToken(this ITokenizer tokenizer, string text)
    {
        var encoded = tokenizer.Encode(text, new EncodeOptions { AddSpecialTokens = false, Bos = Bos.Never });
        if (encoded.Length == 1)
            return encoded.Ids[0];
        // SentencePiece writes " Mary" as a mark of the space that it adds, followed by the space of the text.
        return tokenizer.TokenId(text) ?? throw new ArgumentException(
            $"'{text}' is {encoded.Length} tokens ({encoded}), not one. Choose another word, or name its first token.", nameof(text));
    }
}
