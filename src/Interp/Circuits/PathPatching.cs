namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Path patching between heads (Wang et al. 2022, appendix B; Goldowsky-Dill et al. 2023).</summary>
/// <remarks>
/// 1. Run the base with every head frozen to its base value and one sender's output taken from the source run. 2. Record what the receivers
/// read in that run. 3. Run the base again with one receiver's queries, keys or values replaced by the record and all else recomputed.
/// Many senders, and then many receivers, share a batch.
/// </remarks>
public static class PathPatching
{
    /// <summary>The metric when each head reaches the logits with its source value, other heads frozen.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="freeze">What stays as it was.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <returns>Metric of the patched runs, [layer, head].</returns>
    public static LabelledArray PathsToLogits(this Contrast contrast, PathFreeze freeze = PathFreeze.Heads, CancellationToken cancellation = default)
    {
        using var runs = new PathRuns(contrast, freeze);
        var (layers, heads) = (runs.Config.Layers, runs.Config.Heads);
        var values = new double[layers * heads];
        for (var layer = 0; layer < layers; layer++)
            runs.ToLogits(layer, cancellation).CopyTo(values, layer * heads);
        return new LabelledArray([new Axis("layer", layers), new Axis("head", heads)], values, contrast.Metric.Name, runs.Provenance("path patching to the logits"));
    }

    /// <summary>The metric when each head reaches one input of each later head with its source value, other heads frozen.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="input">Which input of the receivers.</param>
    /// <param name="freeze">What stays as it was.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <returns>Metric of the patched runs, [source layer, source head, layer, head]; the base's metric where the receiver is not later.</returns>
    public static LabelledArray PathsToHeads(this Contrast contrast, HeadInput input, PathFreeze freeze = PathFreeze.Heads, CancellationToken cancellation = default)
    {
        if (input == HeadInput.None)
            throw new ArgumentException("Say which input of the receiving heads: Query, Key or Value.", nameof(input));
        using var runs = new PathRuns(contrast, freeze);
        var (layers, heads) = (runs.Config.Layers, runs.Config.Heads);
        var receivers = input == HeadInput.Query ? heads : runs.Config.KvHeads;
        var unpatched = contrast.Measured(contrast.BasePlan).Average();
        var values = Enumerable.Repeat(unpatched, layers * heads * layers * receivers).ToArray();
        for (var layer = 0; layer + 1 < layers; layer++)
        {
            var later = runs.ToHeads(layer, input, receivers, cancellation); // [head, later layer, receiver]
            var block = (layers - layer - 1) * receivers;
            for (var head = 0; head < heads; head++)
                Array.Copy(later, head * block, values, ((layer * heads + head) * layers + layer + 1) * receivers, block);
        }
        Axis[] axes = [new("source layer", layers), new("source head", heads), new("layer", layers), new("head", receivers)];
        return new LabelledArray(axes, values, contrast.Metric.Name, runs.Provenance($"path patching to {input.ToString().ToLowerInvariant()} inputs"));
    }
}
