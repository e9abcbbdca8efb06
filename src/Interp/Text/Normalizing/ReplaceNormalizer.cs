namespace Interp;

/// <summary>Replaces every match of a pattern; the replacement comes from the range that matched.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    public override Piece Normalize(Piece piece)
    {
        AlignedTextBuilder? changed = null;
        var copied = 0;
        foreach (var (start, end) in pattern.Matches(piece))
        {
            changed ??= new AlignedTextBuilder(piece.Length);
            changed.Copy(piece, copied, start - copied);
            changed.Append(content, piece.Origin(start, end));
            copied = end;
        }
        if (changed is null)
            return piece;
        changed.Copy(piece, copied, piece.Length - copied);
        return changed.ToPiece();
    }
}
