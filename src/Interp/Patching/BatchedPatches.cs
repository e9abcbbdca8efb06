namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Many patches in one forward pass: each joins the batch at its layer, where it takes the base run's residual stream.</summary>
/// <remarks>Exact for every site and every component. A pass starts at the first layer that any of its patches changes.</remarks>
internal sealed class BatchedPatches(Contrast contrast, ActivationCache source, long memoryBudget, Subspace? within) : IPatchRunner
{
    private HookedTransformer Model => contrast.Model;

    private int Prompts => contrast.Base.Batch;

    /// <inheritdoc/>
    public IEnumerable<(IReadOnlyList<PatchCell> Cells, double[] Metrics)> Run(IReadOnlyList<PatchCell> cells, CancellationToken cancellation)
    {
        if (cells.Count == 0)
            yield break;
        var perPass = CellsPerPass();
        using var entries = Entries(cells, cancellation);
        foreach (var chunk in cells.Chunk(perPass))
            yield return (chunk, Pass(chunk, entries?.Cache, cancellation));
    }

    // The base's residual stream before each block at which a pass may start.
    private Run? Entries(IReadOnlyList<PatchCell> cells, CancellationToken cancellation) =>
        Model.Config.Positions == PositionKind.Shortformer || cells.All(c => c.Layer <= 0)
            ? null
            : contrast.BasePlan.Capture(Sites.ResidPre[cells.Where(c => c.Layer >= 0).Min(c => c.Layer)..]).WithoutLogits().Run(cancellation);

    private double[] Pass(PatchCell[] cells, ActivationCache? entries, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var plan = contrast.BasePlan.Variants(cells.Select(Variant)).LogitsAt(contrast.Metric.Positions);
        var first = cells.Min(c => c.Layer);
        if (first > 0 && entries is not null && entries.TryGet(new HookName(Sites.ResidPre, first), out var residual))
            plan = plan.StartAt(first, residual);
        var logits = plan.Logits(cancellation); // [cells * prompts, place, d_vocab]
        var metrics = cells.Select((_, i) => contrast.Metric.PerPrompt(logits.narrow(0, (long)i * Prompts, Prompts))).ToArray();
        return Contrast.Numbers(cat(metrics, 0));
    }

    private Variant Variant(PatchCell cell) => new($"{cell.Unit}", PatchValues.Edits(cell, source, contrast.Base, within));

    private int CellsPerPass()
    {
        var config = Model.Config;
        var width = 6L * config.DModel + 3L * config.Heads * config.DHead + 3L * config.DMlp + 2L * config.Heads * contrast.Base.Length;
        var bytes = (width * contrast.Base.Length + 2L * config.VocabOut) * Prompts * CaptureSize.ElementSize(Model.Dtype);
        return bytes <= memoryBudget ? (int)Math.Min(memoryBudget / bytes, 4096) : throw PatchOptions.TooSmall(memoryBudget, bytes, contrast.Base);
    }
}
