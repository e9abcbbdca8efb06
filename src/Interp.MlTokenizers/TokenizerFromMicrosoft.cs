namespace Interp;

using System.Collections.Immutable;
using Microsoft.ML.Tokenizers;

/// <summary>A tokenizer of Microsoft.ML.Tokenizers as one of this library; there where the library was built with <c>-p:MlTokenizers=package</c>.</summary>
/// <remarks>Where it normalizes, offsets are places in the normalized text, which is then <see cref="TokenizedText.Text"/>. It reads special tokens in a text in its own way.</remarks>
/// <param name="inner">The tokenizer.</param>
/// <param name="vocabularySize">One more than its largest id, which it does not tell.</param>
public sealed class TokenizerFromMicrosoft(Tokenizer inner, int vocabularySize) : ITokenizer
{
    /// <inheritdoc/>
    public int VocabularySize => vocabularySize;

    /// <inheritdoc/>
    public int? BosId { get; init; }

    /// <inheritdoc/>
    public int? EosId { get; init; }

    /// <inheritdoc/>
    public int? PadId { get; init; }

    /// <inheritdoc/>
    public bool AddsBos { get; init; }

    /// <inheritdoc/>
    public TokenizedText Encode(string text, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= EncodeOptions.Default;
        if (options.Bos == Bos.Always && BosId is null)
            throw new ArgumentException($"No beginning-of-sequence token is known of this tokenizer: set {nameof(BosId)}.", nameof(options));
        var tokens = inner.EncodeToTokens(text, out var normalized);
        var adds = options.AddSpecialTokens && (options.Bos == Bos.Always || (options.Bos == Bos.Default && AddsBos));
        var first = adds && BosId is { } bos && (tokens.Count == 0 || tokens[0].Id != bos) ? [bos] : Array.Empty<int>();
        var source = normalized ?? text;
        ImmutableArray<int> ids = [.. first, .. tokens.Select(token => token.Id)];
        ImmutableArray<CharSpan> offsets = [.. first.Select(_ => new CharSpan(0, 0)), .. tokens.Select(token => Span(token.Offset, source.Length))];
        return new TokenizedText(source, ids, offsets, [.. ids.Select(IsSpecial)], TokenText);
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var kept = new List<int>(ids.Length);
        foreach (var id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            if (id < VocabularySize && !(skipSpecial && IsSpecial(id)))
                kept.Add(id);
        }
        return inner.Decode(kept) ?? "";
    }

    /// <inheritdoc/>
    public string TokenText(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return id < VocabularySize && inner.Decode([id]) is { } text ? text : $"<unused {id}>";
    }

    /// <inheritdoc/>
    public int? TokenId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return inner.EncodeToIds(token) is [var id] && TokenText(id) == token ? id : null;
    }

    /// <inheritdoc/>
    public bool IsSpecial(int id) => id == BosId || id == EosId || id == PadId;

    private static CharSpan Span(Range range, int length)
    {
        var (start, count) = range.GetOffsetAndLength(length);
        return new CharSpan(start, start + count);
    }
}
