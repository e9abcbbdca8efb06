namespace Interp;

/// <summary>Builds a changed text together with the origin of each of its characters.</summary>
internal sealed class AlignedTextBuilder(int capacity)
{
    private char[] text = new char[capacity + 4];
    private int[] starts = new int[capacity + 4];
    private int[] ends = new int[capacity + 4];
    private int count;

    /// <summary>Adds characters that all came from one range of the original.</summary>
    public void Append(ReadOnlySpan<char> added, CharSpan origin)
    {
        Reserve(added.Length);
        added.CopyTo(text.AsSpan(count));
        starts.AsSpan(count, added.Length).Fill(origin.Start);
        ends.AsSpan(count, added.Length).Fill(origin.End);
        count += added.Length;
    }

    /// <summary>Adds a stretch of a piece as it stands.</summary>
    public void Copy(Piece piece, int start, int length)
    {
        Reserve(length);
        piece.Span.Slice(start, length).CopyTo(text.AsSpan(count));
        for (var at = piece.Start + start; at < piece.Start + start + length; at++)
            (starts[count], ends[count++]) = (piece.Source.OriginStart(at), piece.Source.OriginEnd(at));
    }

    public Piece ToPiece() => new(new AlignedText(new string(text, 0, count), starts, ends), 0, count);

    private void Reserve(int more)
    {
        if (count + more <= text.Length)
            return;
        var size = Math.Max(count + more, 2 * text.Length);
        Array.Resize(ref text, size);
        Array.Resize(ref starts, size);
        Array.Resize(ref ends, size);
    }
}
