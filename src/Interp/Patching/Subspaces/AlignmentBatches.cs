namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Batches of pairs with what need not be computed again: the sources' values at the unit, and the bases' stream before its layer.</summary>
internal sealed class AlignmentBatches : IDisposable
{
    private readonly List<(InterchangeSet Pairs, Tensor Values, Tensor? Stream)> batches = [];
    private readonly Unit unit;
    private readonly int layer;
    private readonly int seed;

    public AlignmentBatches(InterchangeSet pairs, Unit unit, int layer, int batchSize, long seed, CancellationToken cancellation)
    {
        (this.unit, this.layer, this.seed) = (unit, layer, unchecked((int)seed));
        try
        {
            for (var start = 0; start < pairs.Count; start += batchSize)
                batches.Add(Prepared(pairs.Slice(start, Math.Min(batchSize, pairs.Count - start)), cancellation));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The width of the unit's last axis.</summary>
    public int Width => (int)batches[0].Values.shape[^1];

    /// <summary>The element type of the unit's values.</summary>
    public ScalarType Dtype => batches[0].Values.dtype;

    /// <summary>The cross-entropy of one batch's answers under the interchange.</summary>
    /// <param name="step">The step; every epoch takes the batches in another order.</param>
    /// <param name="basis">[width, size], orthonormal columns.</param>
    public Tensor Loss(int step, Tensor basis)
    {
        var (epoch, place) = Math.DivRem(step, batches.Count);
        int[] order = [.. Enumerable.Range(0, batches.Count)];
        new Random(unchecked(seed + epoch)).Shuffle(order);
        var (pairs, values, stream) = batches[order[place]];
        var plan = pairs.Model.On(pairs.Bases).LogitsAt(Position.Last)
            .Intervene(unit, Interventions.Apply((x, _) => x + (values - x).matmul(basis).matmul(basis.t()), "interchange"));
        if (stream is not null)
            plan = plan.StartAt(layer, stream);
        var logits = ForwardEngine.Run(plan.Request(null, gradients: true, default)).Logits!.squeeze(1); // [pair, d_vocab]
        return -Metric.Pick(logits.log_softmax(-1), pairs.Answers, 0).mean();
    }

    public void Dispose()
    {
        foreach (var (_, values, stream) in batches)
        {
            values.Dispose();
            stream?.Dispose();
        }
    }

    private (InterchangeSet, Tensor, Tensor?) Prepared(InterchangeSet pairs, CancellationToken cancellation)
    {
        using var source = pairs.Model.On(pairs.Sources).Capture(unit).WithoutLogits().Run(cancellation);
        var values = source[unit].clone().DetachFromDisposeScope();
        if (layer == 0 || pairs.Model.Config.Positions == PositionKind.Shortformer)
            return (pairs, values, null);
        using var own = pairs.Model.On(pairs.Bases).Capture(Sites.ResidPre[layer]).WithoutLogits().Run(cancellation);
        return (pairs, values, own[Sites.ResidPre[layer]].clone().DetachFromDisposeScope());
    }
}
