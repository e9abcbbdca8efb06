namespace Interp;

/// <summary>Takes white space from the beginning, the end, or both.</summary>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override Piece Normalize(Piece piece)
    {
        var text = piece.Span;
        var start = left ? text.Length - text.TrimStart().Length : 0;
        var end = right ? Math.Max(start, text.TrimEnd().Length) : text.Length;
        return piece.Slice(start, end - start);
    }
}
