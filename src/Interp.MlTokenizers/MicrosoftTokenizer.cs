namespace Interp;

using System.Buffers;
using Microsoft.ML.Tokenizers;

/// <summary>A tokenizer of this library as one of Microsoft.ML.Tokenizers; there where the library was built with <c>-p:MlTokenizers=package</c>.</summary>
/// <param name="inner">The tokenizer.</param>
/// <param name="options">Which special tokens are added and read; null for the tokenizer's own way.</param>
public sealed class MicrosoftTokenizer(ITokenizer inner, EncodeOptions? options = null) : Tokenizer
{
    /// <summary>The text of a sequence of tokens.</summary>
    /// <param name="ids">Token ids.</param>
    public override string Decode(IEnumerable<int> ids) => inner.Decode([.. ids]);

    /// <summary>Writes the text of as many tokens as there is room for.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="destination">Where the text goes.</param>
    /// <param name="idsConsumed">How many tokens were written.</param>
    /// <param name="charsWritten">How many characters they took.</param>
    /// <returns><see cref="OperationStatus.Done"/>, or <see cref="OperationStatus.DestinationTooSmall"/>.</returns>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        int[] all = [.. ids];
        // The text of more tokens is at least as long: halve until the most that fit are known.
        var (fits, beyond) = (0, all.Length + 1);
        while (beyond - fits > 1)
        {
            var middle = (fits + beyond) / 2;
            if (inner.Decode(all.AsSpan(0, middle)).Length <= destination.Length)
                fits = middle;
            else
                beyond = middle;
        }
        var text = inner.Decode(all.AsSpan(0, fits));
        text.CopyTo(destination);
        (idsConsumed, charsWritten) = (fits, text.Length);
        return fits == all.Length ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    /// <summary>Splits a text into tokens with the places that they come from; normalization and splitting are always this tokenizer's own.</summary>
    /// <param name="text">The text, or null where it is given as a span.</param>
    /// <param name="textSpan">The text.</param>
    /// <param name="settings">The most tokens wanted.</param>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var whole = text ?? textSpan.ToString();
        var encoded = inner.Encode(whole, options);
        var count = settings.MaxTokenCount > 0 ? Math.Min(encoded.Length, settings.MaxTokenCount) : encoded.Length;
        var tokens = new EncodedToken[count];
        for (var i = 0; i < count; i++)
            tokens[i] = new EncodedToken(encoded.Ids[i], encoded.Tokens[i], encoded.Offsets[i].Start..encoded.Offsets[i].End);
        return new EncodeResults<EncodedToken>
        {
            Tokens = tokens,
            CharsConsumed = count == encoded.Length ? whole.Length : count == 0 ? 0 : encoded.Offsets[count - 1].End,
        };
    }
}
