namespace Interp;

/// <summary>
/// Remembers how pieces were tokenized. Of fixed size: a new piece takes the place of an old one with the same slot. Threads share it without a
/// lock, because an entry is one immutable object and a lost write costs only time.
/// </summary>
internal sealed class PieceCache
{
    public const int LongestPiece = 64;
    private const int Bits = 16;
    private readonly Entry?[] entries = new Entry?[1 << Bits];

    /// <summary>Where a piece belongs.</summary>
    public static int Slot(ReadOnlySpan<char> piece)
    {
        var hash = 2166136261u;
        foreach (var c in piece)
            hash = (hash ^ c) * 16777619u;
        return (int)((hash * 2654435769u) >> (32 - Bits));
    }

    public Segmentation? Find(int slot, ReadOnlySpan<char> piece)
    {
        var entry = Volatile.Read(ref entries[slot]);
        return entry is not null && piece.SequenceEqual(entry.Piece) ? entry.Segmentation : null;
    }

    public void Keep(int slot, ReadOnlySpan<char> piece, Segmentation segmentation) =>
        Volatile.Write(ref entries[slot], new Entry(piece.ToString(), segmentation));

    private sealed record Entry(string Piece, Segmentation Segmentation);
}
