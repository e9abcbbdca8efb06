namespace Interp;

/// <summary>Where circuits start.</summary>
public static class CircuitExtensions
{
    /// <summary>Scores every edge between heads, MLPs, input and logits.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="method">How edges are scored.</param>
    /// <param name="progress">Receives the number of edges done (exact scores only).</param>
    /// <param name="cancellation">Ends between two passes; nothing is left behind.</param>
    /// <exception cref="NotSupportedException">The model normalises sublayer outputs, or adds positions to queries and keys: heads then do not write to the stream one by one.</exception>
    /// <exception cref="ArgumentException">The prompts are padded.</exception>
    public static EdgeScores Edges(this Contrast contrast, Method method, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var graph = GraphOf(contrast);
        var scores = method is Method.ExactMethod
            ? new ExactEdges(contrast, graph, cancellation).Run(progress)
            : new EdgeAttribution(contrast, graph, cancellation).Run(method);
        return new EdgeScores(contrast, graph, method, scores);
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
