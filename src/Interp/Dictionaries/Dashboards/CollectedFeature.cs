namespace Interp;

/// <summary>One feature while its texts are read: counts, the strongest place of each of the strongest texts, and places drawn evenly from all.</summary>
/// <remarks>Drawing is Vitter's reservoir (1985): after n active places each of them is kept with the same probability.</remarks>
internal sealed class CollectedFeature(int top, int drawn)
{
    private readonly PriorityQueue<CollectedExample, (float, int)> strongest = new();
    private readonly List<CollectedExample> sample = [];
    private readonly GrowingHistogram histogram = new();

    public long Active { get; private set; }

    public double Sum { get; private set; }

    public float Max { get; private set; }

    public ActivationHistogram Histogram => histogram.ToResult();

    /// <summary>The strongest, first.</summary>
    public IEnumerable<CollectedExample> Strongest => strongest.UnorderedItems.Select(item => item.Element).OrderByDescending(e => e.Value).ThenBy(e => e.Text);

    /// <summary>The drawn ones, strongest first.</summary>
    public CollectedExample[] Sample => [.. sample.OrderByDescending(e => e.Value).ThenBy(e => e.Text).ThenBy(e => e.Position)];

    /// <summary>Counts an active place.</summary>
    /// <returns>Where in the sample the place belongs; -1 for nowhere.</returns>
    public int Count(float value, Random random)
    {
        Active++;
        Sum += value;
        Max = Math.Max(Max, value);
        histogram.Add(value);
        if (sample.Count < drawn)
            return sample.Count;
        var place = random.NextInt64(Active);
        return place < drawn ? (int)place : -1;
    }

    public void Keep(int place, CollectedExample example)
    {
        if (place == sample.Count)
            sample.Add(example);
        else
            sample[place] = example;
    }

    /// <summary>Whether a text's strongest place is among the strongest so far.</summary>
    public bool Wants(float value) => strongest.Count < top || (strongest.TryPeek(out _, out var least) && value > least.Item1);

    public void KeepStrongest(CollectedExample example)
    {
        strongest.Enqueue(example, (example.Value, -example.Text)); // of equals the later one leaves first
        if (strongest.Count > top)
            strongest.Dequeue();
    }
}
