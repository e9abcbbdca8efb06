namespace Interp;

/// <summary>Where circuits start.</summary>
public static class CircuitExtensions
{
    /// <summary>Scores every edge between heads, MLPs, input and logits.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="method">How edges are scored.</param>
    /// <param name="options">How much memory may be used.</param>
    /// <param name="progress">Receives the number of edges done (exact scores only).</param>
    /// <param name="cancellation">Ends between two passes; nothing is left behind.</param>
    /// <exception cref="NotSupportedException">The model normalises sublayer outputs, or adds positions to queries and keys: heads then do not write to the stream one by one.</exception>
    /// <exception cref="ArgumentException">The prompts are padded, the budget is too small for one item, or the method is for nodes.</exception>
    /// <exception cref="InvalidOperationException">The metric is not finite or does not depend on the activations.</exception>
    public static EdgeScores Edges(
        this Contrast contrast, Method method, EdgeOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        var graph = GraphOf(contrast);
        options ??= EdgeOptions.Default;
        return new EdgeScores(contrast, graph, method, method switch
        {
            Method.ExactMethod => new ExactEdges(contrast, graph, options, cancellation).Run(progress),
            Method.InformationFlowMethod => new InformationFlow(contrast, graph, cancellation).Run(),
            Method.MaskGradientMethod mask => MaskGradients(contrast, graph, mask, cancellation),
            Method.NodePathsMethod => throw new ArgumentException($"'{method}' scores nodes: use Nodes, or EapIg for edges.", nameof(method)),
            _ => new EdgeAttribution(contrast, graph, cancellation).Run(method, options),
        });
    }

    /// <summary>Scores every node that writes to the stream: what patching its output would change.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="method">How nodes are scored.</param>
    /// <param name="cancellation">Ends between two passes; nothing is left behind.</param>
    /// <exception cref="NotSupportedException">The model's heads do not write to the stream one by one.</exception>
    /// <exception cref="ArgumentException">The prompts are padded, or the method is for edges.</exception>
    /// <exception cref="InvalidOperationException">The metric is not finite or does not depend on the activations.</exception>
    public static NodeScores Nodes(this Contrast contrast, Method method, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        var graph = GraphOf(contrast);
        return method switch
        {
            Method.ExactMethod => NodeScores.Exact(contrast, graph, cancellation),
            Method.NodePathsMethod paths => new NodeAttribution(contrast, graph, cancellation).AlongOwnPaths(paths),
            Method.InformationFlowMethod or Method.MaskGradientMethod => throw new ArgumentException($"'{method}' scores edges: use Edges.", nameof(method)),
            _ => new NodeAttribution(contrast, graph, cancellation).Run(method),
        };
    }

    private static double[] MaskGradients(Contrast contrast, CircuitGraph graph, Method.MaskGradientMethod method, CancellationToken cancellation)
    {
        contrast.CheckAligned("A circuit's metric");
        using var runner = new CircuitRunner(contrast.BasePlan, contrast.SourcePlan, graph, cancellation: cancellation);
        var points = Enumerable.Range(0, method.Steps + 1).Select(k => method.Steps == 0 ? 0.0 : (double)k / method.Steps).ToArray();
        var mean = new double[graph.Sources.Length * graph.Targets.Length * contrast.Base.Batch];
        foreach (var point in points)
        {
            var slopes = runner.MaskGradients(point, contrast.Metric, cancellation);
            for (var i = 0; i < mean.Length; i++)
                mean[i] += slopes[i] / points.Length;
        }
        return mean;
    }

    /// <summary>The graph of a contrast's model, when its heads have edges of their own.</summary>
    internal static CircuitGraph GraphOf(Contrast contrast)
    {
        var config = contrast.Model.Config;
        if (config.PostNorms || config.SumNorms || config.Positions == PositionKind.Shortformer)
            throw new NotSupportedException($"{config.ModelName} {(config.PostNorms || config.SumNorms ? "normalises what a sublayer adds" : "adds positions to queries and keys")}: its heads have no edges of their own. Patch AttnOut and MlpOut instead.");
        return contrast.Base.Mask is null
            ? new CircuitGraph(config)
            : throw new ArgumentException("The prompts have different lengths: edges are scored on prompts of one length.");
    }
}
