namespace Interp;

/// <summary>How often each pair of neighbouring tokens occurs, kept true while pairs merge.</summary>
internal sealed class PairCounts
{
    private readonly Dictionary<(int, int), long> counts = [];
    private readonly Dictionary<(int, int), HashSet<PairWord>> places = [];

    // Entries may be out of date: they are checked when they come up. Most frequent first, then lower ids.
    private readonly PriorityQueue<(int Left, int Right), (long, int, int)> queue = new();

    public PairCounts(IEnumerable<PairWord> words)
    {
        foreach (var word in words)
            Add(word, +1);
        foreach (var pair in counts.Keys)
            Enqueue(pair);
    }

    /// <summary>The most frequent pair, or null where none is as frequent as asked.</summary>
    public (int Left, int Right)? Best(long least)
    {
        while (queue.TryDequeue(out var pair, out var priority))
        {
            var count = counts.GetValueOrDefault(pair);
            if (count == -priority.Item1 && count > 0)
                return count >= least ? pair : null;
            if (count > 0)
                Enqueue(pair);
        }
        return null;
    }

    /// <summary>Merges a pair in every word.</summary>
    public void Merge(int left, int right, int merged)
    {
        var changed = new HashSet<(int, int)>();
        foreach (var word in places[(left, right)].ToArray())
        {
            Add(word, -1);
            word.Merge(left, right, merged);
            Add(word, +1);
            changed.UnionWith(word.Pairs());
        }
        foreach (var pair in changed)
            Enqueue(pair);
    }

    private void Enqueue((int Left, int Right) pair) => queue.Enqueue(pair, (-counts[pair], pair.Left, pair.Right));

    private void Add(PairWord word, int sign)
    {
        foreach (var pair in word.Pairs())
        {
            counts[pair] = counts.GetValueOrDefault(pair) + sign * word.Count;
            if (!places.TryGetValue(pair, out var words))
                places[pair] = words = [];
            if (sign > 0)
                words.Add(word);
            else
                words.Remove(word);
        }
    }
}
