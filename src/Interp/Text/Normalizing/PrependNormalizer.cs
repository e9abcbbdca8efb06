namespace Interp;

/// <summary>Puts a string before a text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override Piece Normalize(Piece piece)
    {
        if (piece.Length == 0)
            return piece;
        var changed = new AlignedTextBuilder(piece.Length + prefix.Length);
        var start = piece.Origin(0, 1).Start;
        changed.Append(prefix, new CharSpan(start, start));
        changed.Copy(piece, 0, piece.Length);
        return changed.ToPiece();
    }
}
