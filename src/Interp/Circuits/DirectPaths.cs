namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Direct path patching: one head's change reaches one later head's queries, keys or values through the residual stream alone.</summary>
/// <remarks>
/// 1. What a sender writes in the source run minus what it writes in the base run. 2. Through the norm before the receiver, recomputed or
/// linear, and the receiver's matrix. 3. Added there; all after it is recomputed. Many senders share a batch (Elhage et al. 2021, virtual
/// weights; TransformerLens, direct_path_patching).
/// </remarks>
public static class DirectPaths
{
    /// <summary>The metric when each head reaches one input of each later head with its source value, by the direct path alone.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="input">Which input of the receivers.</param>
    /// <param name="norm">How the path passes the norm.</param>
    /// <param name="options">How much memory may be used.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <returns>Metric of the patched runs, [source layer, source head, layer, head]; the base's metric where the receiver is not later.</returns>
    public static LabelledArray PatchDirectPaths(
        this Contrast contrast, HeadInput input, PathNorm norm = PathNorm.Recomputed, EdgeOptions? options = null, CancellationToken cancellation = default)
    {
        if (input == HeadInput.None)
            throw new ArgumentException("Say which input of the receiving heads: Query, Key or Value.", nameof(input));
        var graph = CircuitExtensions.GraphOf(contrast);
        var values = norm == PathNorm.Recomputed
            ? Recomputed(contrast, graph, input, options ?? EdgeOptions.Default, cancellation)
            : new LinearPaths(contrast, graph, input, norm == PathNorm.CachedScale, options ?? EdgeOptions.Default, cancellation).Run();
        var (layers, heads, receivers) = (graph.Config.Layers, graph.Config.Heads, input == HeadInput.Query ? graph.Config.Heads : graph.Config.KvHeads);
        var provenance = new Provenance
        {
            Model = graph.Config.ModelName, Method = $"direct path patching to {input.ToString().ToLowerInvariant()} inputs, {norm}", Metric = contrast.Metric.Name,
        };
        return new LabelledArray([new("source layer", layers), new("source head", heads), new("layer", layers), new("head", receivers)], values, contrast.Metric.Name, provenance);
    }

    // The exact effects of the edges between heads, on the unpatched metric.
    private static double[] Recomputed(Contrast contrast, CircuitGraph graph, HeadInput input, EdgeOptions options, CancellationToken cancellation)
    {
        var prompts = contrast.Base.Batch;
        var unpatched = contrast.Measured(contrast.BasePlan).Average();
        var targets = Enumerable.Range(0, graph.Targets.Length).Where(t => graph.Targets[t].Input == input).ToArray();
        var effects = new ExactEdges(contrast, graph, options, cancellation).Run(null, targets, source => source.Kind == CircuitNodeKind.Head);
        return [.. from source in Enumerable.Range(0, graph.Sources.Length)
                   where graph.Sources[source].Kind == CircuitNodeKind.Head
                   from target in targets
                   select unpatched + effects.AsSpan((source * graph.Targets.Length + target) * prompts, prompts).ToArray().Average()];
    }
}
