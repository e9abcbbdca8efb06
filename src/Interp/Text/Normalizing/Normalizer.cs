namespace Interp;

/// <summary>A change of the text before it is split. What came from where is kept.</summary>
internal abstract class Normalizer
{
    /// <summary>The piece changed, or the same piece when there is nothing to change.</summary>
    public abstract Piece Normalize(Piece piece);

    /// <summary>A plain string normalized, for added tokens that are matched in normalized text.</summary>
    public string Normalize(string text) => Normalize(Piece.Of(text)).Span.ToString();
}
