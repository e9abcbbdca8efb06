namespace Interp;

/// <summary>How well circuits of growing size do the work.</summary>
public static class FaithfulnessExtensions
{
    /// <summary>Faithfulness of the circuits of the highest-scoring edges.</summary>
    /// <param name="scores">Edge scores.</param>
    /// <param name="ablation">What edges outside carry.</param>
    /// <param name="greedy">Whether circuits grow from the logits.</param>
    /// <param name="byMagnitude">Whether negative scores count by magnitude (for CMD), or not at all before positive ones (for CPR).</param>
    /// <param name="shares">Shares of all edges, rising; null for MIB's.</param>
    /// <param name="progress">Receives the number of circuits done.</param>
    /// <param name="cancellation">Ends between two circuits.</param>
    /// <exception cref="InvalidOperationException">The metric hardly differs between all edges and none.</exception>
    public static FaithfulnessCurve Curve(
        this EdgeScores scores, CircuitAblation ablation = CircuitAblation.Resample, bool greedy = false, bool byMagnitude = true,
        IReadOnlyList<double>? shares = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var runner = new CircuitRunner(scores.Contrast.CleanPlan, scores.Contrast.CorruptedPlan, scores.Graph, ablation, cancellation: cancellation);
        double Measure(Circuit circuit) => runner.Measure(circuit.Contains, scores.Contrast.Metric, cancellation).Average();
        return Make(
            scores.Contrast, shares, "edges", $"{scores.Method}{(greedy ? ", greedy" : "")}, {ablation}", scores.Graph.EdgeCount,
            count => (greedy ? scores.Greedy(count, byMagnitude) : scores.Top(count, byMagnitude)).Pruned(), c => c.Count, Measure, progress, cancellation);
    }

    /// <summary>Faithfulness of the circuits of the highest-scoring nodes, with all edges between them.</summary>
    /// <param name="scores">Node scores.</param>
    /// <param name="ablation">What edges outside carry.</param>
    /// <param name="shares">Shares of all nodes, rising; null for MIB's.</param>
    /// <param name="progress">Receives the number of circuits done.</param>
    /// <param name="cancellation">Ends between two circuits.</param>
    /// <exception cref="InvalidOperationException">The metric hardly differs between all nodes and none.</exception>
    public static FaithfulnessCurve Curve(
        this NodeScores scores, CircuitAblation ablation = CircuitAblation.Resample, IReadOnlyList<double>? shares = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var runner = new CircuitRunner(scores.Contrast.CleanPlan, scores.Contrast.CorruptedPlan, scores.Graph, ablation, cancellation: cancellation);
        double Measure(Circuit circuit) => runner.Measure(circuit.Contains, scores.Contrast.Metric, cancellation).Average();
        return Make(
            scores.Contrast, shares, "nodes", $"{scores.Method}, {ablation}", scores.Graph.Sources.Length - 1,
            scores.Top, c => c.Nodes.Count(), Measure, progress, cancellation, none: scores.Top(0).Without(scores.Graph.Sources[0]));
    }

    /// <summary>Faithfulness of the circuits of the highest-scoring dimensions of what nodes write.</summary>
    /// <param name="scores">Node scores with dimensions.</param>
    /// <param name="ablation">What the other dimensions carry.</param>
    /// <param name="shares">Shares of all dimensions of all nodes, rising; null for MIB's.</param>
    /// <param name="progress">Receives the number of circuits done.</param>
    /// <param name="cancellation">Ends between two circuits.</param>
    /// <exception cref="InvalidOperationException">The metric hardly differs between all and none, or the scores have no dimensions.</exception>
    public static FaithfulnessCurve NeuronCurve(
        this NodeScores scores, CircuitAblation ablation = CircuitAblation.Resample, IReadOnlyList<double>? shares = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var runner = new NeuronRunner(scores.Contrast, scores.Graph, ablation, cancellation);
        return Make(
            scores.Contrast, shares, "neurons", $"neurons, {scores.Method}, {ablation}", scores.Neurons.Count,
            scores.TopNeurons, c => c.Count, c => runner.Measure(c.Contains, cancellation).Average(), progress, cancellation);
    }

    private static FaithfulnessCurve Make<T>(
        Contrast contrast, IReadOnlyList<double>? shares, string unit, string method, int all, Func<int, T> circuit, Func<T, int> size, Func<T, double> measure,
        IProgress<int>? progress, CancellationToken cancellation, T? none = default)
    {
        shares ??= FaithfulnessCurve.DefaultShares;
        if (shares.Count < 2 || shares.Zip(shares.Skip(1)).Any(p => p.Second <= p.First) || shares[0] < 0 || shares[^1] > 1)
            throw new ArgumentException($"The shares are {string.Join(", ", shares)}: give at least two, rising, between 0 and 1.", nameof(shares));
        var (empty, whole) = (measure(none ?? circuit(0)), contrast.CleanMetric().Average());
        var range = Contrast.Range(whole, empty, "Metric of single circuits");
        List<int> sizes = [];
        List<double> values = [];
        foreach (var share in shares)
        {
            cancellation.ThrowIfCancellationRequested();
            var one = circuit((int)(share * all));
            sizes.Add(size(one));
            values.Add((measure(one) - empty) / range);
            progress?.Report(values.Count);
        }
        var provenance = new Provenance { Model = contrast.Model.Config.ModelName, Method = method, Metric = contrast.Metric.Name, Clean = whole };
        return new FaithfulnessCurve([.. shares], sizes, values, unit, provenance);
    }
}
