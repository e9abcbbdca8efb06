namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Patches that enter the residual stream, in one pass over the layers with a growing ragged batch.</summary>
/// <remarks>
/// 1. Run the base once; keep its residual stream, queries, keys and values. 2. A patch joins at its layer with the base's residual stream,
/// changed, and carries the positions from the first changed one on: those before cannot change. 3. Keys and values of earlier positions are
/// the base's; in the layer in which a patch changes one position, so are queries, keys and values of all others. 4. The last layer computes keys and values everywhere, all else only for the position the metric reads. 5. A metric that is linear
/// in the logits is read off the normed residual stream by its direction, without the vocabulary.
/// Assumes causal attention, prompts without padding and a metric at the last position; equals the serial sweep to rounding.
/// </remarks>
internal sealed class RaggedPatches : IPatchRunner
{
    private readonly Contrast contrast;
    private readonly PatchGrid grid;
    private readonly ActivationCache source;
    private readonly ActivationCache own;
    private readonly long memoryBudget;

    public RaggedPatches(Contrast contrast, PatchGrid grid, ActivationCache source, ActivationCache own, long memoryBudget) =>
        (this.contrast, this.grid, this.source, this.own, this.memoryBudget) = (contrast, grid, source, own, memoryBudget);

    private HookedTransformer Model => contrast.Model;

    /// <summary>Whether the plan holds for a site, a model and a metric.</summary>
    public static bool Applies(Contrast contrast, PatchGrid grid)
    {
        var (model, unit) = (contrast.Model, grid.Grid.Unit);
        var config = model.Config;
        return config.Causal && model.Splices.IsEmpty && contrast.BasePlan.IsPlain && config.Positions is not PositionKind.Shortformer && !config.SumNorms
            && (config.Positions is PositionKind.Rotary || !config.QueryKeyNorm) // what follows the norms of queries and keys is a site only there
            && contrast.Base.Mask is null && contrast.Source.Mask is null
            && contrast.Metric.Positions.Equals(Position.Last)
            && model.Blocks.All(b => b is { Attention: Attention, Mlp: null or Mlp } && Stock(b.Norm1) && (b.Norm2 is null || Stock(b.Norm2)))
            && ResidualEntry.Knows(unit.Site, model)
            && unit.Site.Axes.All(a => grid.Grid.Axes.Contains(a) || unit.Along(a).IsAll);

        static bool Stock(INorm norm) => norm is Norm or NoNorm;
    }

    /// <inheritdoc/>
    public IEnumerable<(IReadOnlyList<PatchCell> Cells, double[] Metrics)> Run(IReadOnlyList<PatchCell> cells, CancellationToken cancellation)
    {
        if (cells.Count == 0)
            yield break;
        var entry = new ResidualEntry(contrast, grid, source, own);
        foreach (var chunk in Chunks(cells, entry))
            yield return (chunk, new RaggedPass(contrast, entry, own).Run(chunk, cancellation));
    }

    /// <summary>What the base run must keep: its residual stream where patches enter, and its keys and values in every layer they pass.</summary>
    public static IEnumerable<Unit> Needs(Contrast contrast, PatchGrid grid)
    {
        var first = Math.Max(grid.Cells.Min(c => c.Layer), 0);
        var rotary = contrast.Model.Config.Positions == PositionKind.Rotary;
        var streams = ResidualEntry.Streams(grid.Grid.Unit.Site, contrast.Model);
        return [.. streams.Append(rotary ? Sites.RotQ : Sites.Q).Append(rotary ? Sites.RotK : Sites.K).Append(Sites.V).Select(site => Unit.Of(site)[first..])];
    }

    private IEnumerable<PatchCell[]> Chunks(IReadOnlyList<PatchCell> cells, ResidualEntry entry)
    {
        var config = Model.Config;
        var width = 6L * config.DModel + 3L * (config.Heads + 2 * config.KvHeads) * config.DHead + (config.GatedMlp ? 3L : 2L) * config.DMlp;
        var allowed = Math.Max(memoryBudget / (width * 4), 1);
        List<PatchCell> chunk = [];
        var tokens = 0L;
        foreach (var cell in cells)
        {
            var cost = (long)contrast.Base.Batch * (contrast.Base.Length - entry.Start(cell));
            if (chunk.Count > 0 && tokens + cost > allowed)
            {
                yield return [.. chunk];
                (chunk, tokens) = ([], 0);
            }
            chunk.Add(cell);
            tokens += cost;
        }
        if (chunk.Count > 0)
            yield return [.. chunk];
    }
}
