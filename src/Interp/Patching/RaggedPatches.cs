namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Patches that enter the residual stream, in one pass over the layers with a growing ragged batch.</summary>
/// <remarks>
/// 1. Run the base once; keep its residual stream, queries, keys and values. 2. A patch joins at its layer with the base's residual stream,
/// changed, and carries the positions from the first changed one on: those before cannot change. 3. While only one position of the stream
/// has changed, only that one is computed: up to the next attention, where queries, keys and values of all others are the base's. 4. Keys
/// and values of earlier positions are the base's. 5. The last layer computes only what the position the metric reads needs. 6. A metric that
/// is linear in the logits is read off the normed residual stream by its direction, without the vocabulary.
/// Assumes causal attention, prompts without padding and a metric at the last position; equals the serial sweep to rounding.
/// </remarks>
internal sealed class RaggedPatches : IPatchRunner
{
    private readonly Contrast contrast;
    private readonly ActivationCache source;
    private readonly ActivationCache own;
    private readonly double[] unpatched;
    private readonly int firstChanged;
    private readonly long memoryBudget;

    public RaggedPatches(Contrast contrast, ActivationCache source, ActivationCache own, double[] unpatched, int firstChanged, long memoryBudget)
    {
        (this.contrast, this.source, this.own) = (contrast, source, own);
        (this.unpatched, this.firstChanged, this.memoryBudget) = (unpatched, firstChanged, memoryBudget);
    }

    private HookedTransformer Model => contrast.Model;

    /// <summary>Whether the plan holds for a model and a metric.</summary>
    public static bool Applies(Contrast contrast)
    {
        var (model, config) = (contrast.Model, contrast.Model.Config);
        return config.Causal && model.Splices.IsEmpty && contrast.BasePlan.IsPlain && config.Positions is not PositionKind.Shortformer && !config.SumNorms
            && (config.Positions is PositionKind.Rotary || !config.QueryKeyNorm) // what follows the norms of queries and keys is a site only there
            && contrast.Base.Mask is null
            && contrast.Metric.Positions.Equals(Position.Last)
            && model.Blocks.All(b => b is { Attention: Attention, Mlp: null or Mlp } && Stock(b.Norm1) && (b.Norm2 is null || Stock(b.Norm2)));

        static bool Stock(INorm norm) => norm is Norm or NoNorm;
    }

    /// <summary>What the base run must keep: its residual stream where patches enter, and its keys and values in every layer they pass.</summary>
    public static IEnumerable<Unit> Needs(HookedTransformer model, IReadOnlyList<PatchCell> cells)
    {
        var first = cells.Min(c => c.Layer);
        Site[] passed = [Sites.ResidPre, StreamEntry.Placed(model, Sites.Q), StreamEntry.Placed(model, Sites.K), Sites.V];
        var entered = cells.Select(c => c.Unit.Site).Distinct().SelectMany(site => StreamEntry.OwnSites(model, site)).Concat(cells.Select(c => StreamEntry.Placed(model, c.Unit.Site)));
        return [.. passed.Concat(entered).Distinct().Select(site => Unit.Of(site)[first..])];
    }

    /// <inheritdoc/>
    public IEnumerable<(IReadOnlyList<PatchCell> Cells, double[] Metrics)> Run(IReadOnlyList<PatchCell> cells, CancellationToken cancellation)
    {
        if (cells.Count == 0)
            yield break;
        var silent = new ForwardContext(Model, new ListenerTable(Model.Config.Layers)) { Batch = contrast.Base.Batch, Positions = contrast.Base.Length };
        try
        {
            var entry = new StreamEntry(contrast, source, own, firstChanged, silent);
            var patches = cells.Select(entry.Of).ToLookup(entry.IsIdle);
            if (patches[true].Select(p => p.Cell).ToArray() is { Length: > 0 } idle)
                yield return (idle, [.. Enumerable.Repeat(unpatched, idle.Length).SelectMany(m => m)]);
            foreach (var chunk in Chunks(patches[false]))
                yield return ([.. chunk.Select(p => p.Cell)], new RaggedPass(contrast, entry, own, silent).Run(chunk, cancellation));
        }
        finally
        {
            silent.RowsChanged(); // frees the masks
        }
    }

    /// <summary>Bytes that one token of a patch takes while its layer is computed.</summary>
    internal static long BytesPerToken(HookedTransformer model)
    {
        var config = model.Config;
        return (6L * config.DModel + 3L * (config.Heads + 2 * config.KvHeads) * config.DHead + (config.GatedMlp ? 3L : 2L) * config.DMlp) * CaptureSize.ElementSize(model.Dtype);
    }

    private IEnumerable<StreamPatch[]> Chunks(IEnumerable<StreamPatch> patches)
    {
        var allowed = memoryBudget / BytesPerToken(Model);
        List<StreamPatch> chunk = [];
        var tokens = 0L;
        foreach (var patch in patches.OrderBy(p => p.Layer))
        {
            var cost = (long)contrast.Base.Batch * (contrast.Base.Length - patch.Start);
            if (cost > allowed)
                throw PatchOptions.TooSmall(memoryBudget, cost * BytesPerToken(Model), contrast.Base);
            if (chunk.Count > 0 && tokens + cost > allowed)
            {
                yield return [.. chunk];
                (chunk, tokens) = ([], 0);
            }
            chunk.Add(patch);
            tokens += cost;
        }
        if (chunk.Count > 0)
            yield return [.. chunk];
    }
}
