namespace Interp;

using System.Text;

/// <summary>Builds a changed text together with the origin of each of its characters.</summary>
internal sealed class AlignedTextBuilder(int capacity)
{
    private readonly StringBuilder text = new(capacity);
    private readonly List<int> starts = new(capacity);
    private readonly List<int> ends = new(capacity);

    /// <summary>Adds characters that all came from one range of the original.</summary>
    public void Append(ReadOnlySpan<char> added, CharSpan origin)
    {
        text.Append(added);
        for (var i = 0; i < added.Length; i++)
        {
            starts.Add(origin.Start);
            ends.Add(origin.End);
        }
    }

    /// <summary>Adds a stretch of a piece as it stands.</summary>
    public void Copy(Piece piece, int start, int length)
    {
        text.Append(piece.Span.Slice(start, length));
        for (var i = start; i < start + length; i++)
        {
            var origin = piece.Origin(i, i + 1);
            starts.Add(origin.Start);
            ends.Add(origin.End);
        }
    }

    public Piece ToPiece() => new(new AlignedText(text.ToString(), [.. starts], [.. ends]), 0, text.Length);
}
