namespace Interp;

/// <summary>What turns a piece of text that is ready into tokens: byte-pair encoding, and later other kinds.</summary>
internal abstract class TokenModel
{
    private readonly PieceCache cache = new();

    /// <summary>Whether pieces are read as UTF-8 bytes in the byte-level alphabet.</summary>
    public abstract bool ByteLevel { get; }

    /// <summary>How text may be cut without changing a token, where the file says nothing; null when it may not.</summary>
    public virtual PreTokenizer? OwnSplitter => null;

    public void Tokenize(Piece piece, TokenBuffer tokens)
    {
        if (piece.Length == 0)
            return;
        var text = piece.Span;
        if (text.Length > PieceCache.LongestPiece)
        {
            tokens.Add(piece, Segment(text));
            return;
        }
        var slot = PieceCache.Slot(text);
        var segmentation = cache.Find(slot, text);
        if (segmentation is null)
            cache.Keep(slot, text, segmentation = Segment(text));
        tokens.Add(piece, segmentation);
    }

    /// <summary>The tokens of a piece, computed afresh.</summary>
    protected abstract Segmentation Segment(ReadOnlySpan<char> piece);
}
