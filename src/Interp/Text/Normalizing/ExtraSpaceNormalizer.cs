namespace Interp;

/// <summary>Takes spaces from both ends and makes one of each run between: only the space itself, no other white space.</summary>
internal sealed class ExtraSpaceNormalizer : Normalizer
{
    public override Piece Normalize(Piece piece)
    {
        var trimmed = piece.Span.Trim(' ');
        piece = piece.Slice(trimmed.Length == 0 ? 0 : piece.Span.IndexOfAnyExcept(' '), trimmed.Length);
        if (!piece.Span.Contains("  ", StringComparison.Ordinal))
            return piece;
        var changed = new AlignedTextBuilder(piece.Length);
        for (var at = 0; at < piece.Length; at++)
            if (piece.Span[at] != ' ' || piece.Span[at - 1] != ' ')
                changed.Copy(piece, at, 1);
        return changed.ToPiece();
    }
}
