namespace Interp;

/// <summary>Several pre-tokenizers: each cuts the pieces of the one before.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<PreTokenizer> parts) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> pieces)
    {
        var current = new List<Piece> { piece };
        foreach (var part in parts)
        {
            var next = new List<Piece>(current.Count);
            foreach (var each in current)
                part.Split(each, next);
            current = next;
        }
        pieces.AddRange(current);
    }
}
