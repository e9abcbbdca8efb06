namespace Interp;

/// <summary>What a circuit's parts are worth, and what it shares with another.</summary>
public static class CircuitComparison
{
    /// <summary>How much faithfulness each node is worth: what is lost when its edges leave the circuit (Wang et al. 2022, section 4, K empty).</summary>
    /// <remarks>A node near 0 is not needed beside the others: the circuit is not minimal, or another node does the same work.</remarks>
    /// <param name="circuit">The circuit.</param>
    /// <param name="ablation">What edges outside carry.</param>
    /// <param name="cancellation">Ends between two runs.</param>
    /// <returns>(metric of the circuit - metric without the node) / (metric of all edges - of none), [node].</returns>
    /// <exception cref="InvalidOperationException">The metric hardly differs between all edges and none.</exception>
    public static LabelledArray Minimality(this Circuit circuit, CircuitAblation ablation = CircuitAblation.Resample, CancellationToken cancellation = default)
    {
        using var runner = new CircuitRunner(circuit.Contrast.CleanPlan, circuit.Contrast.CorruptedPlan, circuit.Graph, ablation, many: true, cancellation);
        double Measure(Func<int, int, bool> inside) => runner.Measure(inside, circuit.Contrast.Metric, cancellation).Average();
        var (whole, none, own) = (circuit.Contrast.CleanMetric().Average(), Measure((_, _) => false), Measure(circuit.Contains));
        var range = Contrast.Range(whole, none, nameof(Circuit.Metric));
        CircuitSource[] nodes = [.. circuit.Nodes];
        var values = nodes.Select(node => (own - Measure(circuit.Without(node).Contains)) / range).ToArray();
        var provenance = new Provenance { Model = circuit.Graph.Config.ModelName, Method = $"minimality of {circuit}", Metric = circuit.Contrast.Metric.Name };
        return new LabelledArray([new Axis("node", nodes.Select(n => n.ToString()))], values, "faithfulness lost without the node", provenance);
    }

    /// <summary>Whether two circuits share more edges than circuits of the same sizes do by chance: the second's edges are drawn anew from the graph.</summary>
    /// <param name="circuit">A circuit.</param>
    /// <param name="other">Another, over a graph of the same shape.</param>
    /// <param name="permutations">How many draws.</param>
    /// <param name="seed">The same seed gives the same answer.</param>
    /// <exception cref="ArgumentException">The graphs differ.</exception>
    public static CircuitOverlap OverlapTest(this Circuit circuit, Circuit other, int permutations = 10_000, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        if (!circuit.Graph.Sources.SequenceEqual(other.Graph.Sources) || !circuit.Graph.Targets.SequenceEqual(other.Graph.Targets))
            throw new ArgumentException($"The circuits are of different graphs: {circuit.Graph.EdgeCount:N0} edges and {other.Graph.EdgeCount:N0}.", nameof(other));
        bool[] inside = [.. circuit.Graph.Edges().Select(e => circuit.Contains(e.Source, e.Target))];
        var shared = circuit.Graph.Edges().Count(e => circuit.Contains(e.Source, e.Target) && other.Contains(e.Source, e.Target));
        var random = new Random(seed);
        List<double> draws = [.. Enumerable.Range(0, permutations).Select(_ => (double)Drawn(inside, other.Count, random))];
        return new CircuitOverlap(
            circuit.Overlap(other), shared, draws.Average(), Bootstrap.Percentile(draws, 0.95), (1.0 + draws.Count(d => d >= shared)) / (1 + permutations));
    }

    /// <summary>What faithfulness chance gives: that of circuits of as many edges, drawn at random.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="draws">How many random circuits are run.</param>
    /// <param name="ablation">What edges outside carry.</param>
    /// <param name="seed">The same seed gives the same circuits.</param>
    /// <param name="cancellation">Ends between two runs.</param>
    /// <returns>Faithfulness, [draw].</returns>
    /// <exception cref="InvalidOperationException">The metric hardly differs between all edges and none.</exception>
    public static LabelledArray RandomFaithfulness(
        this Circuit circuit, int draws = 20, CircuitAblation ablation = CircuitAblation.Resample, int seed = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        using var runner = new CircuitRunner(circuit.Contrast.CleanPlan, circuit.Contrast.CorruptedPlan, circuit.Graph, ablation, cancellation: cancellation);
        double Measure(Func<int, int, bool> inside) => runner.Measure(inside, circuit.Contrast.Metric, cancellation).Average();
        var (whole, none) = (circuit.Contrast.CleanMetric().Average(), Measure((_, _) => false));
        var range = Contrast.Range(whole, none, nameof(Circuit.Metric));
        var (random, edges, values) = (new Random(seed), circuit.Graph.Edges().ToArray(), new double[draws]);
        for (var draw = 0; draw < draws; draw++)
        {
            random.Shuffle(edges);
            var chosen = edges.Take(circuit.Count).ToHashSet();
            values[draw] = (Measure((s, t) => chosen.Contains((s, t))) - none) / range;
        }
        var provenance = new Provenance { Model = circuit.Graph.Config.ModelName, Method = $"random circuits of {circuit.Count} edges, {ablation}", Metric = circuit.Contrast.Metric.Name, Seed = seed };
        return new LabelledArray([new Axis("draw", draws)], values, "faithfulness", provenance);
    }

    // How many of the first places are inside once they are drawn from all; the array stays shuffled, which is as good.
    private static int Drawn(bool[] inside, int count, Random random)
    {
        var shared = 0;
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i, inside.Length);
            (inside[i], inside[j]) = (inside[j], inside[i]);
            shared += inside[i] ? 1 : 0;
        }
        return shared;
    }
}
