namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Patches of many subspaces at one unit, as variants of one run.</summary>
internal sealed class SubspaceRuns : IDisposable
{
    private const int RowsPerPass = 512;
    private readonly RunPlan basePlan;
    private readonly Metric metric;
    private readonly Unit unit;
    private readonly Tensor values;
    private readonly CancellationToken cancellation;

    public SubspaceRuns(RunPlan basePlan, RunPlan sourcePlan, Metric metric, Unit unit, CancellationToken cancellation)
    {
        (this.basePlan, this.metric, this.unit, this.cancellation) = (basePlan, metric, unit, cancellation);
        if (HookBinding.Names(basePlan.Model, unit) is { Count: not 1 } names)
            throw new ArgumentException($"{unit} means {names.Count} activations: name one layer.", nameof(unit));
        using var scope = NewDisposeScope();
        using var source = sourcePlan.Capture(unit).LogitsAt(metric.Positions).Run(cancellation);
        using var own = basePlan.Capture(unit).LogitsAt(metric.Positions).Run(cancellation);
        (Source, Base) = (Contrast.Numbers(metric.PerPrompt(source.Logits)), Contrast.Numbers(metric.PerPrompt(own.Logits)));
        if (!source[unit].shape.SequenceEqual(own[unit].shape))
            throw new ArgumentException($"{unit} is [{string.Join(", ", source[unit].shape)}] in the source and [{string.Join(", ", own[unit].shape)}] in the base: name positions that both have.", nameof(unit));
        values = source[unit].clone().DetachFromDisposeScope();
        Difference = (values - own[unit]).DetachFromDisposeScope();
    }

    /// <summary>The metric of each prompt of the run that values come from.</summary>
    public double[] Source { get; }

    /// <summary>The metric of each prompt of the run that is changed.</summary>
    public double[] Base { get; }

    /// <summary>Source minus base at the unit.</summary>
    public Tensor Difference { get; }

    /// <summary>The width of the unit's last axis.</summary>
    public int Width => (int)values.shape[^1];

    /// <summary>The effect of each subspace, with random ones of its size beside it.</summary>
    public SubspaceEffect Effect(Subspace subspace, int randoms, long seed)
    {
        var null_ = Enumerable.Range(0, randoms).Select(i => Subspace.Random(Width, subspace.Size, seed + i));
        var metrics = Metrics([subspace, .. null_]);
        return new SubspaceEffect
        {
            Subspace = subspace, PerPrompt = metrics[0], Base = Base, Source = Source,
            Random = [.. metrics.Skip(1).Select(m => m.Average() - Base.Average())],
        };
    }

    /// <summary>The metric of each prompt, subspace by subspace.</summary>
    public double[][] Metrics(IReadOnlyList<Subspace> subspaces)
    {
        List<double[]> result = [];
        foreach (var chunk in subspaces.Chunk(Math.Max(1, RowsPerPass / basePlan.Input.Batch)))
        {
            using var scope = NewDisposeScope();
            var plan = basePlan.Variants(chunk.Select((s, i) => new Variant($"{i}", new Edit(unit, s.Patch(values))))).LogitsAt(metric.Positions);
            var logits = plan.Logits(cancellation); // [subspaces * prompts, place, d_vocab]
            for (var i = 0; i < chunk.Length; i++)
                result.Add(Contrast.Numbers(metric.PerPrompt(logits.narrow(0, (long)i * basePlan.Input.Batch, basePlan.Input.Batch))));
        }
        return [.. result];
    }

    public void Dispose()
    {
        values.Dispose();
        Difference.Dispose();
    }
}
