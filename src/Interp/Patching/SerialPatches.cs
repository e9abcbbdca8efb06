namespace Interp;

using static TorchSharp.torch;

/// <summary>One whole forward pass per patch.</summary>
internal sealed class SerialPatches(Contrast contrast, ActivationCache source) : IPatchRunner
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
        var values = PatchValues.Of(cell, source, contrast.Source);
        return Contrast.Numbers(contrast.BasePlan.Replace(cell.Unit, values).Measure(contrast.Metric, cancellation));
    }
}
