namespace Interp;

using System.Numerics;

/// <summary>Merges of byte-pair encoding: for two neighbouring token ids their rank (lower merges first) and what they become.</summary>
internal sealed class MergeTable
{
    public const int NoMerge = int.MaxValue;
    private readonly ulong[] keys;
    private readonly (int Rank, int Merged)[] values;
    private readonly int shift;

    /// <param name="merges">Left id, right id, rank, merged id; of two entries for one pair the last counts, as in the libraries that these files come from.</param>
    public MergeTable(IReadOnlyCollection<(int Left, int Right, int Rank, int Merged)> merges)
    {
        var bits = Math.Max(4, BitOperations.Log2((uint)Math.Max(1, merges.Count)) + 2);
        (keys, values, shift) = (new ulong[1 << bits], new (int, int)[1 << bits], 64 - bits);
        foreach (var (left, right, rank, merged) in merges)
        {
            var slot = Slot(Key(left, right));
            keys[slot] = Key(left, right);
            values[slot] = (rank, merged);
        }
    }

    /// <summary>Every pair that merges, in no order.</summary>
    public IEnumerable<(int Left, int Right)> Pairs =>
        keys.Where(key => key != 0).Select(key => ((int)((key - 1) >> 32), (int)(uint)(key - 1)));

    /// <summary>The rank and the merged id of a pair; the rank is <see cref="NoMerge"/> when the two do not merge.</summary>
    public (int Rank, int Merged) Find(int left, int right)
    {
        var slot = Slot(Key(left, right));
        return keys[slot] == 0 ? (NoMerge, -1) : values[slot];
    }

    // One is added so that no key is zero, the mark of a free slot.
    private static ulong Key(int left, int right) => (((ulong)(uint)left << 32) | (uint)right) + 1;

    private int Slot(ulong key)
    {
        var slot = (int)((key * 0x9E3779B97F4A7C15UL) >> shift);
        while (keys[slot] != 0 && keys[slot] != key)
            slot = (slot + 1) & (keys.Length - 1);
        return slot;
    }
}
