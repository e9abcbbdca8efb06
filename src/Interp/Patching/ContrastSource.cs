namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The values of a contrast's other run, laid out as the base is.</summary>
internal sealed class ContrastSource(Contrast contrast) : PatchSource
{
    private RunPlan Plan => contrast.ValuesFrom ?? contrast.SourcePlan;

    /// <inheritdoc/>
    public override int FirstChanged => IsOneRun && Plan.IsPlain
        ? FirstDifference(contrast.Base, Plan.Input)
        : 0; // an edited source, or another model's, may differ anywhere

    /// <inheritdoc/>
    public override bool IsOneRun => contrast.Alignment is null && ReferenceEquals(Plan.Model, contrast.Model);

    /// <inheritdoc/>
    public override (ActivationCache Values, double[]? Metric) Read(IReadOnlyList<Unit> units, ActivationCache own, CancellationToken cancellation)
    {
        var supplied = contrast.ValuesFrom is null ? null : contrast.Measured(contrast.SourcePlan, cancellation);
        var plan = Plan.Capture(units);
        var run = (supplied is null ? plan.LogitsAt(contrast.Metric.Positions) : plan.WithoutLogits()).Run(cancellation);
        try
        {
            if (supplied is null)
            {
                supplied = contrast.Read(run.Logits);
                run.Logits.Dispose(); // of the run only the activations are kept
            }
            if (IsOneRun)
                return (run.Cache, supplied);
            var laid = Laid(units, run.Cache, own);
            run.Dispose();
            return (laid, supplied);
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private ActivationCache Laid(IReadOnlyList<Unit> units, ActivationCache source, ActivationCache own)
    {
        var columns = contrast.Alignment?.Columns(contrast.Base, Plan.Input);
        var laid = new ActivationCache(contrast.Model, contrast.Base);
        try
        {
            foreach (var name in units.SelectMany(unit => HookBinding.Names(contrast.Model, unit)))
                laid.Put(name, name.Site, new MemoryActivation(Laid(name, source.TryGet(name, out var values)
                    ? values
                    : throw new ArgumentException($"{Plan.Model.Config.ModelName} has no {name}: it has {Plan.Model.Config.Layers} blocks. Patch the layers that both models have."), own[name], columns)));
            return laid;
        }
        catch
        {
            laid.Dispose();
            throw;
        }
    }

    private Tensor Laid(HookName name, Tensor values, Tensor own, int[][]? columns)
    {
        using var scope = NewDisposeScope();
        values = values.to(own.dtype, own.device);
        var mapped = ones([1], ScalarType.Bool, own.device);
        for (var axis = 1; axis < name.Site.Axes.Length && columns is not null; axis++)
        {
            if (name.Site.Axes[axis] is not ("pos" or "query" or "key"))
                continue;
            var places = tensor(columns.SelectMany(r => r.Select(c => (long)c)).ToArray(), [columns.Length, columns[0].Length], device: own.device); // [batch, pos]
            var rows = arange(columns.Length, device: own.device).unsqueeze(1); // [batch, 1]
            values = values.transpose(1, axis).index(TensorIndex.Tensor(rows), TensorIndex.Tensor(places.clamp_min(0))).transpose(1, axis);
            var shape = Enumerable.Repeat(1L, name.Site.Axes.Length).ToArray();
            (shape[0], shape[axis]) = (columns.Length, columns[0].Length);
            mapped = mapped.logical_and(places.ge(0).view(shape));
        }
        if (!values.shape.SequenceEqual(own.shape))
            throw new ArgumentException(
                $"{name} is [{string.Join(", ", values.shape)}] in {Plan.Model.Config.ModelName} and [{string.Join(", ", own.shape)}] in {contrast.Model.Config.ModelName}: "
                + "values must have the shape of what they replace. Patch a site that both have alike, or give an alignment of positions.");
        return where(mapped, values, own).DetachFromDisposeScope();
    }

    // Positions before the first differing token are equal in both runs.
    private static int FirstDifference(RunInput a, RunInput b)
    {
        var first = a.Length;
        for (var row = 0; row < a.Batch; row++)
            for (var i = 0; i < first; i++)
                if (i >= a.Rows[row].Length || i >= b.Rows[row].Length || a.Rows[row][i] != b.Rows[row][i])
                    first = i;
        return Math.Min(first, a.Length - 1);
    }
}
