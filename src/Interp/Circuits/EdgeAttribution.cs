namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Edge attribution patching and its integrated-gradient forms.</summary>
/// <remarks>
/// 1. Run with gradients at the base (or along a path to the source); take gradients at q, k, v, MLP input and final stream. 2. Run the
/// source prompts; keep the difference of what each source writes. 3. Block of layers by block of layers, turn the gradients into gradients at
/// each target's input. 4. score[u, v] = sum over pos and d_model of difference_u · gradient_v, per prompt. The [batch, pos, source, d_model]
/// tensor of all differences is never whole: sources are made a few layers at a time, as the budget allows. Syed et al. 2023, eq. 2; Hanna et al. 2024.
/// </remarks>
internal sealed class EdgeAttribution(Contrast contrast, CircuitGraph graph, CancellationToken cancellation)
{
    private HookedTransformer Model => contrast.Model;

    /// <summary>Scores of every edge for every prompt, [source, target, prompt]; zero where there is no edge.</summary>
    public double[] Run(Method method, EdgeOptions options)
    {
        var (prompts, blocks) = EdgeMemory.Plan(contrast, options);
        var (batch, pairs) = (contrast.Base.Batch, graph.Sources.Length * graph.Targets.Length);
        var result = new double[pairs * batch];
        for (var start = 0; start < batch; start += prompts)
        {
            var part = contrast.Part(start, Math.Min(prompts, batch - start));
            var values = new EdgeAttribution(part, graph, cancellation).Pass(method, blocks);
            for (var pair = 0; pair < pairs; pair++)
                if (graph.HasEdge(pair / graph.Targets.Length, pair % graph.Targets.Length))
                    Array.Copy(values, pair * part.Base.Batch, result, pair * batch + start, part.Base.Batch);
        }
        return result;
    }

    private double[] Pass(Method method, EdgeMemory.Blocks blocks)
    {
        using var scope = NewDisposeScope();
        var total = zeros([graph.Sources.Length, graph.Targets.Length, contrast.Base.Batch], dtype: ScalarType.Float64, device: Model.Device);
        // Plain EAP differentiates at the base run: that run's own activations serve.
        using var own = method is Method.EapMethod ? new TargetGradients(contrast.BasePlan, contrast.Metric, GradientPlans.Written(graph.Config)) : null;
        using var differences = own is null ? new SourceDifferences(contrast, cancellation) : new SourceDifferences(contrast, own.Activations, cancellation);
        if (own is not null)
            Add(total, differences, own, 1, blocks);
        foreach (var (plan, weight) in own is null ? new GradientPlans(contrast, cancellation).Of(method) : [])
        {
            cancellation.ThrowIfCancellationRequested();
            using var gradients = new TargetGradients(plan, contrast.Metric);
            Add(total, differences, gradients, weight, blocks);
        }
        return total.Doubles();
    }

    private void Add(Tensor total, SourceDifferences differences, TargetGradients gradients, double weight, EdgeMemory.Blocks blocks)
    {
        gradients.Run.CheckDifferentiable(contrast.Metric);
        using var scope = NewDisposeScope();
        var others = gradients.Others(); // [MLPs and logits, batch, pos * d_model]
        for (var first = 0; first < graph.Config.Layers; first += blocks.Targets)
        {
            using var inner = NewDisposeScope();
            var layers = Enumerable.Range(first, Math.Min(blocks.Targets, graph.Config.Layers - first)).ToArray();
            var heads = layers.Select(layer => (layer, Gradients: gradients.Heads(layer))).ToArray();
            var last = layers[^1] == graph.Config.Layers - 1;
            // Heads are reached from earlier layers alone; in the last block the MLPs and the logits are reached from all.
            for (var written = -1; written < (last ? graph.Config.Layers : layers[^1]); written += blocks.Sources)
                AddSources(total, differences, written, Math.Min(blocks.Sources, graph.Config.Layers - written), heads, last ? others : null, weight);
        }
    }

    private void AddSources(
        Tensor total, SourceDifferences differences, int first, int count, (int Layer, Tensor Gradients)[] heads, Tensor? others, double weight)
    {
        using var scope = NewDisposeScope();
        cancellation.ThrowIfCancellationRequested();
        var sources = differences.At(first, count).flatten(2).transpose(0, 1); // [batch, sources, pos * d_model]
        var rows = total.narrow(0, graph.FirstSource(first), sources.shape[1]); // [source, target, prompt]
        Tensor Scores(Tensor targets) => sources.matmul(targets.permute(1, 2, 0)).permute(1, 2, 0).to(ScalarType.Float64); // [source, target, prompt]
        // The metric is a mean over prompts, and each prompt's own metric depends on its own row alone.
        var scale = weight * contrast.Base.Batch;
        foreach (var (layer, targets) in heads.Where(h => h.Layer > first))
            rows.narrow(1, graph.FirstTarget(layer), targets.shape[0]).add_(Scores(targets), scale);
        if (others is null)
            return;
        var scores = Scores(others);
        foreach (var (target, i) in Enumerable.Range(0, graph.Targets.Length).Where(t => graph.Targets[t].Kind != CircuitNodeKind.Head).Select((t, i) => (t, i)))
            rows.select(1, target).add_(scores.select(1, i), scale);
    }
}
