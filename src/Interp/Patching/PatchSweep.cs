namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>One sweep: runs the source, finds the units that differ, has them run, and gathers the metrics.</summary>
internal sealed class PatchSweep(Contrast contrast, UnitGrid units, PatchOptions options, IProgress<int>? progress, CancellationToken cancellation)
{
    private readonly PatchGrid grid = new(contrast, units);

    public PatchResult Run()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ragged = options.Strategy == PatchStrategy.Planned && RaggedPatches.Applies(contrast, grid);
        using var source = Captured(contrast.SourcePlan, []);
        using var own = Captured(contrast.BasePlan, ragged ? RaggedPatches.Needs(contrast, grid) : []);
        var (supplied, unpatched) = (Measured(source), Measured(own));
        var metrics = new double[grid.Cells.Count, contrast.Base.Batch];
        var cells = options.Strategy == PatchStrategy.Serial ? grid.Cells : Differing(source.Cache, own.Cache, unpatched, metrics);
        var done = grid.Cells.Count - cells.Count;
        progress?.Report(done);
        foreach (var (batch, values) in Runner(ragged, source.Cache, own.Cache).Run(cells, cancellation))
        {
            for (var i = 0; i < batch.Count; i++)
                for (var prompt = 0; prompt < contrast.Base.Batch; prompt++)
                    metrics[batch[i].Index, prompt] = values[i * contrast.Base.Batch + prompt];
            progress?.Report(done += batch.Count);
        }
        return contrast.Direction == Direction.Denoising
            ? new PatchResult(contrast, grid, metrics, supplied, unpatched)
            : new PatchResult(contrast, grid, metrics, unpatched, supplied);
    }

    private IPatchRunner Runner(bool ragged, ActivationCache source, ActivationCache own) => options.Strategy switch
    {
        PatchStrategy.Serial => new SerialPatches(contrast, source),
        _ when ragged => new RaggedPatches(contrast, grid, source, own, options.MemoryBudget),
        _ => new BatchedPatches(contrast, source, options.MemoryBudget),
    };

    // One run gives the metric, the values at the grid's site and what the runner needs besides.
    private Run Captured(RunPlan plan, IEnumerable<Unit> needs)
    {
        var site = grid.Grid.Unit.Site;
        Unit whole = site.PerLayer ? Unit.Of(site).AtLayers(grid.Grid.Unit.Layers) : site;
        return plan.Capture(needs.Where(u => u.Site != site).Append(whole)).LogitsAt(contrast.Metric.Positions).Run(cancellation);
    }

    private double[] Measured(Run run) => Contrast.Numbers(contrast.Metric.PerPrompt(run.Logits));

    // Units that are equal in both runs change nothing: they get the unpatched metric and are not run.
    private List<PatchCell> Differing(ActivationCache source, ActivationCache own, double[] unpatched, double[,] metrics)
    {
        using var scope = NewDisposeScope();
        var flags = grid.Names.Select(name => Differs(source[name], own[name], name.Site)).ToArray();
        var differs = cat(flags, 0).cpu().data<bool>().ToArray(); // one transfer for the whole grid
        List<PatchCell> cells = [];
        for (var i = 0; i < differs.Length; i++)
        {
            if (differs[i])
                cells.Add(grid.Cells[i]);
            for (var prompt = 0; prompt < unpatched.Length; prompt++)
                metrics[i, prompt] = unpatched[prompt];
        }
        return cells;
    }

    // For each cell of one layer whether any value differs, [cells]; axes that only the unit narrows are taken whole, which may run too much.
    private Tensor Differs(Tensor source, Tensor own, Site site)
    {
        var unequal = source.ne(own);
        for (var axis = site.Axes.Length - 1; axis >= 0; axis--)
        {
            if (!grid.Grid.Axes.Contains(site.Axes[axis]))
                unequal = unequal.any(axis);
        }
        // What is left of the site's axes is in the site's order; the result wants the grid's.
        var left = site.Axes.Where(a => grid.Grid.Axes.Contains(a)).ToArray();
        if (left.Length == 0)
            return unequal.reshape(1);
        unequal = unequal.permute([.. grid.Grid.Axes.Select(a => (long)Array.IndexOf(left, a))]);
        for (var i = 0; i < grid.Grid.Axes.Length; i++)
            unequal = unequal.index_select(i, tensor(ChosenPlaces(i), device: unequal.device));
        return unequal.flatten();
    }

    private long[] ChosenPlaces(int axis) => [.. grid.Cells.Where(c => c.Layer == grid.Cells[0].Layer).Select(c => (long)c.Places[axis]).Distinct()];
}
