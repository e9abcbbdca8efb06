namespace Interp;

/// <summary>
/// Merges neighbouring symbols until no merge applies: always the pair of lowest rank, of equals the leftmost.
/// Short pieces are scanned; long ones (a whole text, where nothing splits it) go through a priority queue.
/// </summary>
internal static class SymbolMerger
{
    private const int LongestScan = 96;

    /// <summary>Merges in place and returns how many symbols are left, at the front of <paramref name="symbols"/>.</summary>
    public static int Merge(Span<Symbol> symbols, MergeTable merges)
    {
        for (var i = 0; i + 1 < symbols.Length; i++)
            (symbols[i].Rank, symbols[i].Merged) = merges.Find(symbols[i].Id, symbols[i + 1].Id);
        return symbols.Length <= LongestScan ? Scan(symbols, merges) : Queue(symbols, merges);
    }

    private static int Scan(Span<Symbol> symbols, MergeTable merges)
    {
        var count = symbols.Length;
        while (true)
        {
            var (best, at) = (MergeTable.NoMerge, -1);
            for (var i = 0; i + 1 < count; i++)
                if (symbols[i].Rank < best)
                    (best, at) = (symbols[i].Rank, i);
            if (at < 0)
                return count;
            symbols[at].Id = symbols[at].Merged;
            symbols[at].End = symbols[at + 1].End;
            symbols[(at + 2)..count].CopyTo(symbols[(at + 1)..]);
            count--;
            if (at > 0)
                (symbols[at - 1].Rank, symbols[at - 1].Merged) = merges.Find(symbols[at - 1].Id, symbols[at].Id);
            (symbols[at].Rank, symbols[at].Merged) =
                at + 1 < count ? merges.Find(symbols[at].Id, symbols[at + 1].Id) : (MergeTable.NoMerge, -1);
        }
    }

    private static int Queue(Span<Symbol> symbols, MergeTable merges)
    {
        var next = new int[symbols.Length];
        var previous = new int[symbols.Length];
        var queue = new PriorityQueue<(int Left, int LeftId, int Right, int RightId), ulong>(symbols.Length);
        for (var i = 0; i < symbols.Length; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1);
            if (i + 1 < symbols.Length)
                Propose(queue, symbols, i, i + 1);
        }
        while (queue.TryDequeue(out var pair, out _))
        {
            // A proposal is stale once either side has merged with another neighbour; a symbol that is gone has id -1.
            if (symbols[pair.Left].Id != pair.LeftId || symbols[pair.Right].Id != pair.RightId || next[pair.Left] != pair.Right)
                continue;
            symbols[pair.Left].Id = symbols[pair.Left].Merged;
            symbols[pair.Left].End = symbols[pair.Right].End;
            symbols[pair.Right].Id = -1;
            var after = next[pair.Right];
            next[pair.Left] = after;
            if (after < symbols.Length)
            {
                previous[after] = pair.Left;
                Look(queue, symbols, merges, pair.Left, after);
            }
            if (previous[pair.Left] >= 0)
                Look(queue, symbols, merges, previous[pair.Left], pair.Left);
        }
        var count = 0;
        for (var i = 0; i < symbols.Length; i = next[i])
            symbols[count++] = symbols[i];
        return count;
    }

    private static void Look(
        PriorityQueue<(int Left, int LeftId, int Right, int RightId), ulong> queue, Span<Symbol> symbols, MergeTable merges, int left, int right)
    {
        (symbols[left].Rank, symbols[left].Merged) = merges.Find(symbols[left].Id, symbols[right].Id);
        Propose(queue, symbols, left, right);
    }

    private static void Propose(
        PriorityQueue<(int Left, int LeftId, int Right, int RightId), ulong> queue, Span<Symbol> symbols, int left, int right)
    {
        if (symbols[left].Rank != MergeTable.NoMerge)
            queue.Enqueue((left, symbols[left].Id, right, symbols[right].Id), ((ulong)(uint)symbols[left].Rank << 32) | (uint)left);
    }
}
