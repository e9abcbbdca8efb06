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
        new PatchSweep(contrast, grid, options ?? PatchOptions.Default, progress, cancellation).Run();
}
