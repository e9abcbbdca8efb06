namespace Interp;

/// <summary>The values of a contrast's other run.</summary>
internal sealed class ContrastSource(Contrast contrast) : PatchSource
{
    /// <inheritdoc/>
    public override int FirstChanged => contrast.SourcePlan.IsPlain ? FirstDifference(contrast.Base, contrast.Source) : 0; // an edited source may differ anywhere

    /// <inheritdoc/>
    public override (ActivationCache Values, double[]? Metric) Read(IReadOnlyList<Unit> units, ActivationCache own, CancellationToken cancellation)
    {
        var run = contrast.SourcePlan.Capture(units).LogitsAt(contrast.Metric.Positions).Run(cancellation);
        try
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var metric = Contrast.Numbers(contrast.Metric.PerPrompt(run.Logits));
            run.Logits.Dispose(); // of the run only the activations are kept
            return (run.Cache, metric);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    // Positions before the first differing token are equal in both runs.
    private static int FirstDifference(RunInput a, RunInput b)
    {
        var first = a.Length;
        for (var row = 0; row < a.Batch; row++)
            for (var i = 0; i < first; i++)
                if (a.Rows[row][i] != b.Rows[row][i])
                    first = i;
        return Math.Min(first, a.Length - 1);
    }
}
