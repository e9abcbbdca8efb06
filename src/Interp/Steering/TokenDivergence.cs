namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>How far a changed model's next-token distributions are from the plain model's, over given texts.</summary>
internal sealed class TokenDivergence : IDisposable
{
    private readonly RunPlan plain;
    private readonly Tensor logs;
    private readonly double[][] real;

    /// <summary>Runs the plain model once.</summary>
    public TokenDivergence(RunPlan plan, CancellationToken cancellation)
    {
        plain = Whole(plan);
        if (!plan.VariantList.IsEmpty)
            throw new ArgumentException("The plan has variants: measure each in a plan of its own.", nameof(plan));
        real = [.. Enumerable.Range(0, plan.Input.Batch).Select(row => Enumerable.Range(0, plan.Input.Length)
            .Select(i => plan.Input.Mask is not { } mask ? i < plan.Input.Rows[row].Length ? 1.0 : 0 : mask[row][i] ? 1 : 0).ToArray())];
        logs = Logs(plain, cancellation).DetachFromDisposeScope();
    }

    /// <summary>KL divergence of each text, mean over its real tokens, in nats.</summary>
    public double[] PerText(RunPlan changed, CancellationToken cancellation) => Averages(PerToken(changed, cancellation).Kl);

    public SideEffect Of(RunPlan changed, double level, int seed, CancellationToken cancellation)
    {
        var (kl, same) = PerToken(changed, cancellation);
        var (sums, counts) = (Sums(kl), Sums([.. Enumerable.Repeat(1.0, kl.Length)]));
        var interval = sums.Length == 1
            ? new Interval(double.NaN, double.NaN, level)
            : Bootstrap.Interval(sums, counts, (s, c) => s.Sum() / c.Sum(), level: level, seed: seed);
        return new SideEffect
        {
            Kl = sums.Sum() / counts.Sum(), KlInterval = interval, SameTopToken = Sums(same).Sum() / counts.Sum(), Tokens = (int)counts.Sum(),
            PerText = new LabelledArray([new Axis("text", sums.Length)], sums.Zip(counts, (s, c) => s / c).ToArray(), "KL from plain (nats per token)",
                new Provenance { Model = plain.Model.Config.ModelName, Method = "side effect" }),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => logs.Dispose();

    private static RunPlan Whole(RunPlan plan) => (plan with { Captures = [] }).LogitsAt(Indices.All);

    private static Tensor Logs(RunPlan plan, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var logits = plan.Logits(cancellation); // [batch, pos, d_vocab]
        return (logits.dtype is ScalarType.Float64 ? logits : logits.to(ScalarType.Float32)).log_softmax(-1).MoveToOuterDisposeScope();
    }

    // [batch * pos] each: the divergence, and whether the most probable token is the same one.
    private (double[] Kl, double[] Same) PerToken(RunPlan changed, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var others = Logs(Whole(changed), cancellation);
        return ((logs.exp() * (logs - others)).sum(-1).Doubles(), logs.argmax(-1).eq(others.argmax(-1)).to(ScalarType.Float64).Doubles());
    }

    private double[] Sums(double[] tokens) =>
        [.. real.Select((mask, row) => mask.Select((weight, i) => weight == 0 ? 0 : tokens[row * mask.Length + i]).Sum())];

    private double[] Averages(double[] tokens) => [.. Sums(tokens).Zip(real, (sum, mask) => sum / mask.Sum())];
}
