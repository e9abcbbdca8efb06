namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Attribution to what nodes write: gradient at the stream that takes it up, times difference of the node's outputs.</summary>
/// <remarks>
/// 1. Differences of what each node writes between source and base run. 2. Gradients at the embedding and at each sublayer's output; all
/// heads of a layer share theirs. 3. Their product, summed over d_model for scores by position, over prompts and positions for dimensions.
/// </remarks>
internal sealed class NodeAttribution(Contrast contrast, CircuitGraph graph, CancellationToken cancellation)
{
    private readonly int prompts = contrast.Base.Batch;
    private readonly int positions = contrast.Base.Length;

    private TransformerConfig Config => graph.Config;

    /// <summary>Scores by a mean of gradients.</summary>
    public NodeScores Run(Method method)
    {
        using var scope = NewDisposeScope();
        using var differences = new SourceDifferences(contrast, cancellation);
        var (scores, neurons) = (Zeros(graph.Sources.Length, prompts, positions), Zeros(graph.Sources.Length, Config.DModel));
        foreach (var (plan, weight) in new GradientPlans(contrast, cancellation).Of(method))
        {
            cancellation.ThrowIfCancellationRequested();
            List<Unit> units = Config.AttentionOnly ? [Sites.Embed, Sites.AttnOut] : [Sites.Embed, Sites.AttnOut, Sites.MlpOut];
            using var run = plan.Gradients(contrast.Metric, units);
            run.CheckDifferentiable(contrast.Metric);
            foreach (var (layer, first) in graph.SourcesByLayer())
                Add(scores, neurons, first, Product(differences, run, layer), weight);
        }
        return new NodeScores(contrast, graph, method, scores.Doubles(), neurons.Doubles());
    }

    /// <summary>Integrated gradients of each node along its own path; the steps share a batch.</summary>
    public NodeScores AlongOwnPaths(Method.NodePathsMethod paths)
    {
        using var scope = NewDisposeScope();
        using var differences = new SourceDifferences(contrast, cancellation);
        using var own = contrast.BasePlan.Capture(GradientPlans.Written(Config)).WithoutLogits().Run(cancellation);
        var (scores, neurons) = (Zeros(graph.Sources.Length, prompts, positions), Zeros(graph.Sources.Length, Config.DModel));
        var points = QuadraturePoints.Of(paths.Rule, paths.Steps);
        foreach (var (layer, first) in graph.SourcesByLayer())
        {
            using var inner = NewDisposeScope();
            var written = differences.At(layer); // [nodes, batch, pos, d_model]
            for (var node = 0; node < written.shape[0]; node++)
                Add(scores, neurons, first + node, written[node].unsqueeze(0) * Gradient(own, differences, graph.Sources[first + node], points), 1);
        }
        return new NodeScores(contrast, graph, paths, scores.Doubles(), neurons.Doubles());
    }

    // [nodes of the layer, batch, pos, d_model]
    private static Tensor Product(SourceDifferences differences, GradientRun run, int layer)
    {
        using var scope = NewDisposeScope();
        var product = differences.At(layer);
        if (layer < 0)
            return (product * run.Gradients[new HookName(Sites.Embed)]).MoveToOuterDisposeScope();
        var gradient = run.Gradients[new HookName(Sites.AttnOut, layer)];
        if (run.Gradients.Contains(new HookName(Sites.MlpOut, layer)))
        {
            var mlp = run.Gradients[new HookName(Sites.MlpOut, layer)].unsqueeze(0);
            return (product * cat([gradient.unsqueeze(0).expand(product.shape[0] - 1, -1, -1, -1), mlp], 0)).MoveToOuterDisposeScope();
        }
        return (product * gradient).MoveToOuterDisposeScope();
    }

    // The mean gradient at what one node writes while it alone moves, [batch, pos, d_model].
    private Tensor Gradient(Run own, SourceDifferences differences, CircuitSource node, (double Share, double Weight)[] points)
    {
        using var scope = NewDisposeScope();
        cancellation.ThrowIfCancellationRequested();
        var name = node.Kind switch { CircuitNodeKind.Input => new HookName(Sites.Embed), CircuitNodeKind.Head => new HookName(Sites.Z, node.Layer), _ => new HookName(Sites.MlpOut, node.Layer) };
        Unit moved = node.Kind == CircuitNodeKind.Head ? Unit.Of(Sites.Z)[node.Layer].Head(node.Head) : name;
        Tensor Part(Tensor whole) => node.Kind == CircuitNodeKind.Head ? whole.select(2, node.Head) : whole;
        // The path goes from the source's value to the base's.
        var variants = points.Select(p => new Variant($"{p.Share}", new Edit(moved, Interventions.Replace(Part(own[name] + differences[name] * (1 - p.Share))))));
        var read = node.Kind == CircuitNodeKind.Head ? new HookName(Sites.AttnOut, node.Layer) : name;
        var plan = contrast.BasePlan.Variants(variants) with { LogitPlaces = contrast.Metric.Positions };
        using var run = GradientRun.Make(plan, contrast.Metric.Name, logits => cat(points.Select((_, i) => contrast.Metric.PerPrompt(logits.narrow(0, (long)i * prompts, prompts))).ToArray(), 0), [read]);
        run.CheckDifferentiable(contrast.Metric);
        var weights = tensor(points.Select(p => p.Weight * points.Length).ToArray(), dtype: own[name].dtype, device: own[name].device);
        var gradients = run.Gradients[read].unflatten(0, [points.Length, prompts]); // [step, batch, pos, d_model]; the metric is a mean over steps and prompts
        return (gradients * weights.view(-1, 1, 1, 1)).sum(0L).MoveToOuterDisposeScope();
    }

    private void Add(Tensor scores, Tensor neurons, int first, Tensor product, double weight)
    {
        // The metric is a mean over prompts, and each prompt's own metric depends on its own row alone.
        scores.narrow(0, first, product.shape[0]).add_(product.sum(dim: -1).to(ScalarType.Float64), weight * prompts);
        neurons.narrow(0, first, product.shape[0]).add_(product.sum([1, 2]).to(ScalarType.Float64), weight);
    }

    private Tensor Zeros(params long[] shape) => zeros(shape, dtype: ScalarType.Float64, device: contrast.Model.Device);
}
