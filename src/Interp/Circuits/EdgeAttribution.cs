namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Edge attribution patching and its integrated-gradient forms.</summary>
/// <remarks>
/// 1. Run base and source prompts; keep the difference of what each source writes. 2. Run with gradients at the base (or along a path to the
/// source); take gradients at q, k, v, MLP input and final stream. 3. Layer by layer, turn them into gradients at each target's input.
/// 4. score[u, v] = sum over pos and d_model of difference_u · gradient_v, per prompt. The [batch, pos, source, d_model] tensor of all
/// differences is never whole: sources are made a layer at a time. Syed et al. 2023, eq. 2; Hanna et al. 2024.
/// </remarks>
internal sealed class EdgeAttribution(Contrast contrast, CircuitGraph graph, CancellationToken cancellation)
{
    private readonly int prompts = contrast.Base.Batch;

    private HookedTransformer Model => contrast.Model;

    /// <summary>Scores of every edge for every prompt, [source, target, prompt]; zero where there is no edge.</summary>
    public double[] Run(Method method)
    {
        using var scope = NewDisposeScope();
        using var differences = new SourceDifferences(contrast, cancellation);
        var total = zeros([graph.Sources.Length, graph.Targets.Length, prompts], dtype: ScalarType.Float64, device: Model.Device);
        foreach (var (plan, weight) in Runs(method))
        {
            cancellation.ThrowIfCancellationRequested();
            using var gradients = new TargetGradients(plan, contrast.Metric);
            Add(total, differences, gradients, weight);
        }
        return Contrast.Numbers(total);
    }

    private IEnumerable<(RunPlan Plan, double Weight)> Runs(Method method) => method switch
    {
        Method.EapMethod => [(contrast.BasePlan, 1)],
        Method.CleanCorruptedMethod => [(contrast.BasePlan, 0.5), (contrast.SourcePlan, 0.5)],
        Method.EapIgMethod ig => AlongInputs(ig.Steps),
        Method.EapIgActivationsMethod ig => AlongActivations(ig.Steps),
        _ => throw new ArgumentException($"{method} is no attribution method."),
    };

    private IEnumerable<(RunPlan Plan, double Weight)> AlongInputs(int steps)
    {
        using var clean = Embedded(contrast.Clean);
        using var corrupted = Embedded(contrast.Corrupted);
        for (var k = 0; k < steps; k++)
        {
            using var point = corrupted + (clean - corrupted) * ((double)k / steps);
            yield return (contrast.BasePlan.WithEmbeddings(point), 1.0 / steps);
        }
    }

    private Tensor Embedded(RunInput input)
    {
        using var run = Model.On(input).Capture(Sites.Embed).WithoutLogits().Run(cancellation);
        return run[Sites.Embed].clone().DetachFromDisposeScope();
    }

    // Each sublayer's output (all heads of a layer together) moves from the source run's to the base run's value while the rest is the base's.
    private IEnumerable<(RunPlan Plan, double Weight)> AlongActivations(int steps)
    {
        List<Unit> sites = [Sites.Embed];
        for (var layer = 0; layer < graph.Config.Layers; layer++)
            sites.AddRange(graph.Config.AttentionOnly ? [Sites.Z[layer]] : [Sites.Z[layer], Sites.MlpOut[layer]]);
        using var source = contrast.SourcePlan.Capture(sites).WithoutLogits().Run(cancellation);
        using var own = contrast.BasePlan.Capture(sites).WithoutLogits().Run(cancellation);
        foreach (var site in sites)
            for (var k = 1; k <= steps; k++)
            {
                using var difference = own[site] - source[site];
                using var point = source[site] + difference * ((double)k / steps);
                yield return (contrast.BasePlan.Replace(site, point), 1.0 / (steps * sites.Count));
            }
    }

    private void Add(Tensor total, SourceDifferences differences, TargetGradients gradients, double weight)
    {
        var perLayer = graph.Config.Heads + (graph.Config.AttentionOnly ? 0 : 1);
        for (var layer = 0; layer <= graph.Config.Layers; layer++)
        {
            using var scope = NewDisposeScope();
            var targets = Rows(gradients.At(layer)) * (weight * prompts); // [batch, targets, pos * d_model]; the metric is a mean over prompts
            var first = graph.Targets.IndexOf(graph.Targets.First(t => t.Layer == layer));
            for (var written = -1; written <= Math.Min(layer, graph.Config.Layers - 1); written++)
            {
                using var inner = NewDisposeScope();
                var scores = Rows(differences.At(written)).matmul(targets.transpose(1, 2)); // [batch, sources, targets]
                scores = scores.permute(1, 2, 0).to(ScalarType.Float64); // [source, target, prompt]
                var row = written < 0 ? 0 : 1 + written * perLayer;
                total.narrow(0, row, scores.shape[0]).narrow(1, first, scores.shape[1]).add_(scores * Mask(row, scores.shape[0], first, scores.shape[1]));
            }
        }
    }

    // 1 where there is an edge, [source, target, 1].
    private Tensor Mask(int source, long sources, int target, long targets)
    {
        var mask = new double[sources * targets];
        for (var u = 0; u < sources; u++)
            for (var v = 0; v < targets; v++)
                mask[u * targets + v] = graph.HasEdge(source + u, target + v) ? 1 : 0;
        return tensor(mask, [sources, targets, 1], device: Model.Device);
    }

    // [n, batch, pos, d_model] to [batch, n, pos * d_model]
    private static Tensor Rows(Tensor values) => values.transpose(0, 1).flatten(2);
}
