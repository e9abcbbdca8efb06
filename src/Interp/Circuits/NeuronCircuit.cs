namespace Interp;

/// <summary>A circuit of single dimensions of what nodes write to the stream: the finest grain of a node circuit.</summary>
/// <remarks>Neuron here is the benchmarks' word for one dimension of a node's output (Mueller et al. 2025).</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class NeuronCircuit
{
    private readonly HashSet<(int Node, int Dimension)> neurons;

    internal NeuronCircuit(NodeScores scores, IEnumerable<(int Node, int Dimension)> neurons) => (Scores, this.neurons) = (scores, [.. neurons]);

    /// <summary>The scores that it was taken from.</summary>
    public NodeScores Scores { get; }

    /// <summary>How many dimensions it has, over all nodes.</summary>
    public int Count => neurons.Count;

    /// <summary>How many dimensions of each node it has, [node].</summary>
    public LabelledArray CountByNode => new(
        [new Axis("node", Scores.Graph.Sources.Select(s => s.ToString()))],
        [.. Enumerable.Range(0, Scores.Graph.Sources.Length).Select(node => (double)neurons.Count(n => n.Node == node))], "dimensions", Scores.Values.Provenance);

    /// <summary>Whether a dimension of a node is in the circuit.</summary>
    /// <param name="node">The node's place among the graph's sources.</param>
    /// <param name="dimension">The dimension of the stream.</param>
    public bool Contains(int node, int dimension) => neurons.Contains((node, dimension));

    /// <summary>The mean metric of the clean prompts when every dimension outside carries another value.</summary>
    /// <param name="ablation">What they carry.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    public double Metric(CircuitAblation ablation = CircuitAblation.Resample, CancellationToken cancellation = default)
    {
        using var runner = new NeuronRunner(Scores.Contrast, Scores.Graph, ablation, cancellation);
        return runner.Measure(Contains, cancellation).Average();
    }

    /// <summary>(metric of the circuit - of none) / (of all - of none).</summary>
    /// <param name="ablation">What dimensions outside carry.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    /// <exception cref="InvalidOperationException">The metrics of all and of none are too close to divide by their difference.</exception>
    public double Faithfulness(CircuitAblation ablation = CircuitAblation.Resample, CancellationToken cancellation = default)
    {
        using var runner = new NeuronRunner(Scores.Contrast, Scores.Graph, ablation, cancellation);
        var (clean, none) = (Scores.Contrast.CleanMetric().Average(), runner.Measure((_, _) => false, cancellation).Average());
        return (runner.Measure(Contains, cancellation).Average() - none) / Contrast.Range(clean, none, nameof(Metric));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Count} of {Scores.Graph.Sources.Length * Scores.Graph.Config.DModel} dimensions of nodes by {Scores.Method}";
}
