namespace Interp;

/// <summary>
/// SentencePiece's way with spaces: each becomes a mark (usually <c>▁</c>), one more mark may be put in front, and each mark begins a piece.
/// </summary>
internal sealed class MetaspacePreTokenizer(char mark, MetaspacePrepend prepend, bool split) : PreTokenizer
{
    private readonly ReplaceNormalizer replace = new(new LiteralPattern(" "), mark.ToString());
    private readonly PrependNormalizer front = new(mark.ToString());
    private readonly SplitPreTokenizer atMarks = new(new LiteralPattern(mark.ToString()), SplitBehavior.MergedWithNext, invert: false);

    public override void Split(Piece piece, List<Piece> pieces)
    {
        if (piece.Length == 0)
            return;
        var isFirst = piece.Origin(0, 1).Start == 0;
        piece = replace.Normalize(piece);
        if (piece.Span[0] != mark && (prepend == MetaspacePrepend.Always || (prepend == MetaspacePrepend.First && isFirst)))
            piece = front.Normalize(piece);
        if (split)
            atMarks.Split(piece, pieces);
        else
            pieces.Add(piece);
    }
}
