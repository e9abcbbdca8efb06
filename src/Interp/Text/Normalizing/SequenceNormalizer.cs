namespace Interp;

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<Normalizer> parts) : Normalizer
{
    public override Piece Normalize(Piece piece)
    {
        foreach (var part in parts)
            piece = part.Normalize(piece);
        return piece;
    }
}
