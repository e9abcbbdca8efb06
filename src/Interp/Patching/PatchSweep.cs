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
        var (clean, corrupted) = (contrast.CleanMetric(), contrast.CorruptedMetric());
        var unpatched = contrast.Direction == Direction.Denoising ? corrupted : clean;
        var metrics = new double[grid.Cells.Count, contrast.Base.Batch];
        using var source = Captured(contrast.Source);
        var cells = options.Strategy == PatchStrategy.Serial ? grid.Cells : Differing(source, unpatched, metrics);
        var done = grid.Cells.Count - cells.Count;
        progress?.Report(done);
        foreach (var (batch, values) in Runner(source).Run(cells, cancellation))
        {
            for (var i = 0; i < batch.Count; i++)
                for (var prompt = 0; prompt < contrast.Base.Batch; prompt++)
                    metrics[batch[i].Index, prompt] = values[i * contrast.Base.Batch + prompt];
            progress?.Report(done += batch.Count);
        }
        return new PatchResult(contrast, grid, metrics, clean, corrupted);
    }

    private IPatchRunner Runner(ActivationCache source) => options.Strategy switch
    {
        PatchStrategy.Serial => new SerialPatches(contrast, source),
        PatchStrategy.Planned when RaggedPatches.Applies(contrast, grid) => new RaggedPatches(contrast, grid, source, options.MemoryBudget),
        _ => new BatchedPatches(contrast, source, options.MemoryBudget),
    };

    private ActivationCache Captured(RunInput input)
    {
        Unit whole = grid.Grid.Unit.Site.PerLayer ? Unit.Of(grid.Grid.Unit.Site).AtLayers(grid.Grid.Unit.Layers) : grid.Grid.Unit.Site;
        return contrast.Model.On(input).Capture(whole).WithoutLogits().Run(cancellation).Cache;
    }

    // Units that are equal in both runs change nothing: they get the unpatched metric and are not run.
    private IReadOnlyList<PatchCell> Differing(ActivationCache source, double[] unpatched, double[,] metrics)
    {
        using var scope = NewDisposeScope();
        using var own = Captured(contrast.Base);
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
