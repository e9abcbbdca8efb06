namespace Interp;

/// <summary>Pieces of a fixed number of characters; the last may be shorter.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> pieces)
    {
        var text = piece.Span;
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            for (var count = 0; count < length && end < text.Length; count++)
                end += Utf8.Width(text[end..]);
            pieces.Add(piece.Slice(at, end - at));
            at = end;
        }
    }
}
