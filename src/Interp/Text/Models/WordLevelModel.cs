namespace Interp;

/// <summary>Each piece is one token, or the unknown one; without an unknown token, nothing.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, int unknown) : TokenModel
{
    public override bool ByteLevel => false;

    protected override Segmentation Segment(ReadOnlySpan<char> piece)
    {
        var id = vocabulary.TryId(piece, out var known) ? known : unknown;
        return id < 0 ? new Segmentation([], []) : new Segmentation([id], [new CharSpan(0, piece.Length)]);
    }
}
