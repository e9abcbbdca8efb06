namespace Interp;

/// <summary>The ByteLevel pre-tokenizer: a leading space if asked, then GPT-2's pattern if asked. The model reads the bytes.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : PreTokenizer
{
    private static readonly Gpt2Splitter Pattern = new();
    private static readonly PrependNormalizer Space = new(" ");

    public override void Split(Piece piece, List<Piece> pieces)
    {
        if (addPrefixSpace && !piece.Span.StartsWith(' '))
            piece = Space.Normalize(piece);
        if (useRegex)
            Pattern.Split(piece, pieces);
        else if (piece.Length > 0)
            pieces.Add(piece);
    }
}
