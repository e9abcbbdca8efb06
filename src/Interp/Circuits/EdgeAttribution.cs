namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Edge attribution patching and its integrated-gradient forms.</summary>
/// <remarks>
/// 1. Run with gradients at the base (or along a path to the source); take gradients at q, k, v, MLP input and final stream. 2. Run the
/// source prompts; keep the difference of what each source writes. 3. Block of layers by block of layers, turn the gradients into gradients at
/// each target's input. 4. score[u, v] = sum over pos and d_model of difference_u · gradient_v, per prompt. The [batch, pos, source, d_model]
/// tensor of all differences is never whole: sources are made a layer at a time. Syed et al. 2023, eq. 2; Hanna et al. 2024.
/// </remarks>
internal sealed class EdgeAttribution(Contrast contrast, CircuitGraph graph, CancellationToken cancellation)
{
    private HookedTransformer Model => contrast.Model;

    /// <summary>Scores of every edge for every prompt, [source, target, prompt]; zero where there is no edge.</summary>
    public double[] Run(Method method, EdgeOptions options)
    {
        var (prompts, layers) = EdgeMemory.Plan(contrast, options);
        var (batch, pairs) = (contrast.Base.Batch, graph.Sources.Length * graph.Targets.Length);
        var result = new double[pairs * batch];
        for (var start = 0; start < batch; start += prompts)
        {
            var part = contrast.Part(start, Math.Min(prompts, batch - start));
            var values = new EdgeAttribution(part, graph, cancellation).Pass(method, layers);
            for (var pair = 0; pair < pairs; pair++)
                if (graph.HasEdge(pair / graph.Targets.Length, pair % graph.Targets.Length))
                    Array.Copy(values, pair * part.Base.Batch, result, pair * batch + start, part.Base.Batch);
        }
        return result;
    }

    private double[] Pass(Method method, int layers)
    {
        using var scope = NewDisposeScope();
        var total = zeros([graph.Sources.Length, graph.Targets.Length, contrast.Base.Batch], dtype: ScalarType.Float64, device: Model.Device);
        // Plain EAP differentiates at the base run: that run's own activations serve.
        using var own = method is Method.EapMethod ? new TargetGradients(contrast.BasePlan, contrast.Metric, GradientPlans.Written(graph.Config)) : null;
        using var differences = own is null ? new SourceDifferences(contrast, cancellation) : new SourceDifferences(contrast, own.Activations, cancellation);
        if (own is not null)
            Add(total, differences, own, 1, layers);
        foreach (var (plan, weight) in own is null ? new GradientPlans(contrast, cancellation).Of(method) : [])
        {
            cancellation.ThrowIfCancellationRequested();
            using var gradients = new TargetGradients(plan, contrast.Metric);
            Add(total, differences, gradients, weight, layers);
        }
        return total.Doubles();
    }

    private void Add(Tensor total, SourceDifferences differences, TargetGradients gradients, double weight, int layers)
    {
        gradients.Run.CheckDifferentiable(contrast.Metric);
        for (var first = 0; first <= graph.Config.Layers; first += layers)
        {
            using var scope = NewDisposeScope();
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(layers, graph.Config.Layers + 1 - first);
            var targets = gradients.Block(first, count).permute(1, 2, 0); // [batch, pos * d_model, targets]
            var column = graph.FirstTarget(first);
            for (var written = -1; written <= Math.Min(first + count, graph.Config.Layers) - 1; written++)
            {
                using var inner = NewDisposeScope();
                var sources = differences.At(written).flatten(2).transpose(0, 1); // [batch, sources, pos * d_model]
                var scores = sources.matmul(targets).permute(1, 2, 0).to(ScalarType.Float64); // [source, target, prompt]
                var row = graph.FirstSource(written);
                // The metric is a mean over prompts, and each prompt's own metric depends on its own row alone.
                total.narrow(0, row, scores.shape[0]).narrow(1, column, scores.shape[1]).add_(scores, weight * contrast.Base.Batch);
            }
        }
    }
}
