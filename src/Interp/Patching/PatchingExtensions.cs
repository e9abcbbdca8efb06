namespace Interp;

/// <summary>Activation patching.</summary>
public static class PatchingExtensions
{
    /// <summary>Patches each unit of a grid in turn and measures the metric of each patched run.</summary>
    /// <remarks>
    /// Denoising (the default): the corrupted run goes on with the clean run's value at the unit (Meng et al. 2022; Wang et al. 2022;
    /// Heimersheim and Nanda 2024 on the two directions). Units whose values are equal in both runs are not run: they change nothing.
    /// </remarks>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grid">What is patched, such as <c>ResidPre.ByPosition()</c> or <c>Z.ByHead()</c>.</param>
    /// <param name="options">How the sweep is run.</param>
    /// <param name="progress">Receives the number of units done.</param>
    /// <param name="cancellation">Ends the sweep between two layers; nothing is left behind.</param>
    /// <exception cref="ArgumentException">The model has no such units; the message names the nearest.</exception>
    public static PatchResult Patch(
        this Contrast contrast, UnitGrid grid, PatchOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        contrast.Patch([grid], options, progress, cancellation)[0];

    /// <summary>Patches the units of several grids, over the same two runs.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grids">What is patched.</param>
    /// <param name="options">How the sweeps are run.</param>
    /// <param name="progress">Receives the number of units done, of all grids.</param>
    /// <param name="cancellation">Ends the sweeps between two layers; nothing is left behind.</param>
    /// <returns>A result for each grid.</returns>
    /// <exception cref="ArgumentException">There is no grid, or the model has no such units; the message names the nearest.</exception>
    public static IReadOnlyList<PatchResult> Patch(
        this Contrast contrast, IReadOnlyList<UnitGrid> grids, PatchOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        if (grids.Count == 0)
            throw new ArgumentException("There is nothing to patch: give at least one grid, such as Z.ByHead().", nameof(grids));
        IPatchCells[] parts = [.. grids.Select(grid => new PatchGrid(contrast, grid))];
        return new PatchSweep(contrast, new ContrastSource(contrast), parts, options ?? PatchOptions.Default).Run(progress, cancellation);
    }

    /// <summary>Patches sets of units, each set at once.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="sets">What is patched together.</param>
    /// <param name="options">How the sweep is run.</param>
    /// <param name="progress">Receives the number of sets done.</param>
    /// <param name="cancellation">Ends the sweep between two layers; nothing is left behind.</param>
    /// <returns>A result over [set].</returns>
    /// <exception cref="ArgumentException">There is no set, or the model has no such units; the message names the nearest.</exception>
    public static PatchResult Patch(
        this Contrast contrast, IReadOnlyList<UnitSet> sets, PatchOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        sets.Count == 0
            ? throw new ArgumentException("There is nothing to patch: give at least one set of units.", nameof(sets))
            : Swept(contrast, new PatchSets(contrast, sets), options, progress, cancellation);

    internal static PatchResult Swept(Contrast contrast, IPatchCells cells, PatchOptions? options, IProgress<int>? progress, CancellationToken cancellation) =>
        new PatchSweep(contrast, new ContrastSource(contrast), [cells], options ?? PatchOptions.Default).Run(progress, cancellation)[0];
}
