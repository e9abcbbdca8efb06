namespace Interp;

/// <summary>Random patches to hold effects against.</summary>
public static class PatchNullExtensions
{
    /// <summary>The effects of random units, as many at a time as those that were found.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="pool">The units that are drawn from, such as <c>Z.ByHead()</c>.</param>
    /// <param name="size">How many are patched together.</param>
    /// <param name="draws">How many sets are drawn.</param>
    /// <param name="seed">The same seed draws the same sets.</param>
    /// <param name="options">How the sweep is run.</param>
    /// <param name="progress">Receives the number of sets done.</param>
    /// <param name="cancellation">Ends the sweep; nothing is left behind.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pool has fewer units than a set, or there is no draw.</exception>
    public static PatchNull NullOfUnits(
        this Contrast contrast, UnitGrid pool, int size, int draws = 100, int seed = 0, PatchOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(draws);
        var cells = new PatchGrid(contrast, pool).Cells;
        if (size < 1 || size > cells.Count)
            throw new ArgumentOutOfRangeException(nameof(size), $"A set of {size} units cannot be drawn from {pool}, which has {cells.Count}.");
        var random = new Random(seed);
        var sets = Enumerable.Range(0, draws).Select(draw => new UnitSet(
            draw.ToString(), Drawn(random, cells.Count, size).Select(i => cells[i].Unit)));
        var result = PatchingExtensions.Swept(contrast, new PatchSets(contrast, [.. sets], "draw"), options, progress, cancellation);
        return new PatchNull($"{size} random units of {pool}", result.Effect.With(provenance: result.Effect.Provenance with { Seed = seed }));
    }

    /// <summary>For each unit of a grid the effects of moving it as far as the patch does, in random directions.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grid">The units that were patched.</param>
    /// <param name="draws">How many directions are drawn for each unit, prompt and position.</param>
    /// <param name="seed">The same seed draws the same directions.</param>
    /// <param name="options">How the sweeps are run.</param>
    /// <param name="progress">Receives the number of draws done.</param>
    /// <param name="cancellation">Ends the sweep; nothing is left behind.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no draw.</exception>
    public static PatchNull NullOfDirections(
        this Contrast contrast, UnitGrid grid, int draws = 20, int seed = 0, PatchOptions? options = null, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(draws);
        var cells = new PatchGrid(contrast, grid);
        var effects = new List<double>();
        for (var draw = 0; draw < draws; draw++)
        {
            var source = new DirectionSource(contrast, unchecked(seed * 1_000_003 + draw));
            var result = new PatchSweep(contrast, source, [cells], options ?? PatchOptions.Default).Run(null, cancellation)[0];
            effects.AddRange(result.Effect.Values);
            progress?.Report(draw + 1);
        }
        return new PatchNull($"random directions at {grid}", new LabelledArray(
            [new Axis("draw", draws), .. cells.Axes], effects.ToArray(), $"change of {contrast.Metric.Name}", new Provenance { Model = contrast.Model.Config.ModelName, Seed = seed }));
    }

    private static int[] Drawn(Random random, int count, int size)
    {
        var places = Enumerable.Range(0, count).ToArray();
        random.Shuffle(places);
        return places[..size];
    }
}
