namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Automatic circuit discovery (Conmy et al. 2023): edges are removed one by one where the output hardly changes.</summary>
/// <remarks>
/// 1. Start with every edge clean. 2. Visit targets from the logits back (per layer MLP, values, keys, queries, heads downwards), sources
/// from the latest to the earliest. 3. Let the edge carry the corrupted run's value; measure KL(clean || patched) at the last position, mean
/// over prompts. 4. If it rose by less than the threshold, the edge stays out; else it comes back.
/// </remarks>
public static class Acdc
{
    /// <summary>Finds a circuit by removing edges.</summary>
    /// <param name="contrast">Prompts; the divergence from the clean run takes the metric's place.</param>
    /// <param name="threshold">How much the divergence may rise for an edge to be removed, in nats.</param>
    /// <param name="order">Which of a target's sources is visited first.</param>
    /// <param name="progress">Receives the number of edges visited.</param>
    /// <param name="cancellation">Ends the search between two edges.</param>
    public static AcdcResult FindByAcdc(
        this Contrast contrast, double threshold, AcdcOrder order = AcdcOrder.LatestSourcesFirst, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        if (!(threshold > 0))
            throw new ArgumentOutOfRangeException(nameof(threshold), $"The threshold is {threshold}: give a divergence above 0.");
        var graph = CircuitExtensions.GraphOf(contrast);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var clean = contrast.CleanPlan.LogitsAt(Position.Last).Logits(cancellation).squeeze(1).log_softmax(-1);
        using var runner = new CircuitRunner(contrast.CleanPlan, contrast.CorruptedPlan, graph, many: true, cancellation: cancellation);
        var kept = graph.Edges().ToHashSet();
        var rises = new Dictionary<(int, int), double>();
        var trace = new List<AcdcStep>();
        var before = 0.0;
        foreach (var edge in Order(graph, order))
        {
            kept.Remove(edge);
            var divergence = runner.Measure((s, t) => kept.Contains((s, t)), Metric.KlFrom(clean), cancellation).Average();
            var removed = divergence - before < threshold;
            trace.Add(new AcdcStep(graph.Sources[edge.Source], graph.Targets[edge.Target], divergence, removed));
            rises[edge] = divergence - before;
            if (removed)
                before = divergence;
            else
                kept.Add(edge);
            progress?.Report(trace.Count);
        }
        return new AcdcResult(new Circuit(contrast, graph, $"ACDC at {threshold}", e => rises[e], kept), trace, before);
    }

    private static IEnumerable<(int Source, int Target)> Order(CircuitGraph graph, AcdcOrder order) =>
        graph.Edges().OrderByDescending(e => e.Target).ThenBy(e => order == AcdcOrder.LatestSourcesFirst ? -e.Source : e.Source);
}
