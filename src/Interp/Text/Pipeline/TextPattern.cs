namespace Interp;

/// <summary>What a tokenizer file looks for in text: a literal string or a regular expression.</summary>
internal abstract class TextPattern
{
    /// <summary>The matches in a piece, left to right, none overlapping, as ranges within the piece.</summary>
    public abstract List<CharSpan> Matches(Piece piece);
}
