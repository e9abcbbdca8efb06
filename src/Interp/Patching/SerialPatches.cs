namespace Interp;

using static TorchSharp.torch;

/// <summary>One whole forward pass per patch.</summary>
internal sealed class SerialPatches(Contrast contrast, ActivationCache source, Subspace? within) : IPatchRunner
{
    /// <inheritdoc/>
    public IEnumerable<(IReadOnlyList<PatchCell> Cells, double[] Metrics)> Run(IReadOnlyList<PatchCell> cells, CancellationToken cancellation)
    {
        foreach (var cell in cells)
            yield return ([cell], One(cell, cancellation));
    }

    private double[] One(PatchCell cell, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var plan = PatchValues.Edits(cell, source, contrast.Base, within).Aggregate(contrast.BasePlan, (run, edit) => run.Intervene(edit.Unit, edit.Intervention));
        return Contrast.Numbers(plan.Measure(contrast.Metric, cancellation));
    }
}
