namespace Interp;

/// <summary>Ablations as sweeps.</summary>
public static class AblationExtensions
{
    /// <summary>Takes each unit of a grid out in turn and measures the metric of each run.</summary>
    /// <remarks>Zeros, a mean over a data set (of each position or of all), other prompts' values, noise: see <see cref="Ablation"/>. There is no second run, so nothing to normalise by.</remarks>
    /// <param name="plan">What is run.</param>
    /// <param name="grid">What is taken out, such as <c>Z.ByHead()</c>.</param>
    /// <param name="ablation">What stands in its place.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="options">How the sweep is run.</param>
    /// <param name="progress">Receives the number of units done.</param>
    /// <param name="cancellation">Ends the sweep between two layers; nothing is left behind.</param>
    /// <exception cref="ArgumentException">The model has no such units, or the ablation's prompts do not fit.</exception>
    public static PatchResult Ablate(
        this RunPlan plan, UnitGrid grid, Ablation ablation, Metric metric, PatchOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        Swept(new Contrast(plan, plan, metric).Noising(), grid, ablation, true, options, progress, cancellation);

    /// <summary>Takes each unit out of the clean run in turn; normalised, 1 is the clean metric and 0 the corrupted one.</summary>
    /// <inheritdoc cref="Ablate(RunPlan, UnitGrid, Ablation, Metric, PatchOptions?, IProgress{int}?, CancellationToken)"/>
    public static PatchResult Ablate(
        this Contrast contrast, UnitGrid grid, Ablation ablation, PatchOptions? options = null, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        Swept(contrast.Noising(), grid, ablation, false, options, progress, cancellation);

    private static PatchResult Swept(
        Contrast contrast, UnitGrid grid, Ablation ablation, bool single, PatchOptions? options, IProgress<int>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(ablation);
        var source = new AblationSource(contrast, ablation, single);
        return new PatchSweep(contrast, source, [new PatchGrid(contrast, grid)], options ?? PatchOptions.Default).Run(progress, cancellation)[0];
    }
}
