namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Mean and covariance of an activation over many tokens, accumulated in float64.</summary>
/// <remarks>
/// Batches are merged by Chan, Golub and LeVeque's update (1983), so that nothing cancels. The axes behind <c>pos</c> are flattened to one
/// vector; padding does not count.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Moments : IDisposable
{
    private readonly bool withCovariance;
    private Tensor? mean;
    private Tensor? scatter;

    internal Moments(bool withCovariance) => this.withCovariance = withCovariance;

    /// <summary>How many tokens were seen.</summary>
    public long Count { get; private set; }

    /// <summary>The mean, [features], float64.</summary>
    /// <exception cref="InvalidOperationException">No token was seen.</exception>
    public Tensor Mean => mean ?? throw new InvalidOperationException("No token was seen.");

    /// <summary>The covariance (divided by the count), [features, features], float64; the caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">No token was seen, or only means were asked for.</exception>
    public Tensor Covariance() => scatter is null
        ? throw new InvalidOperationException(withCovariance ? "No token was seen." : "Only means were asked for: stream with covariance: true.")
        : scatter / (double)Count;

    /// <summary>Frees the accumulators.</summary>
    public void Dispose()
    {
        mean?.Dispose();
        scatter?.Dispose();
    }

    /// <summary>How many tokens were seen.</summary>
    public override string ToString() => $"{(withCovariance ? "mean and covariance" : "mean")} over {Count} tokens";

    /// <summary>Adds tokens.</summary>
    /// <param name="tokens">[tokens, features].</param>
    internal void Add(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var wide = tokens.to(ScalarType.Float64);
        var count = wide.shape[0];
        var batchMean = wide.mean([0L]); // [features]
        var centred = wide - batchMean;
        var batchScatter = withCovariance ? centred.t().mm(centred) : null; // [features, features]
        var total = Count + count;
        if (mean is not null)
        {
            var gap = batchMean - mean;
            batchScatter = batchScatter is null ? null : scatter! + batchScatter + gap.outer(gap) * ((double)Count * count / total);
            batchMean = mean + gap * ((double)count / total);
        }
        Exchange(ref mean, batchMean);
        if (batchScatter is not null)
            Exchange(ref scatter, batchScatter);
        Count = total;
    }

    private static void Exchange(ref Tensor? held, Tensor next)
    {
        held?.Dispose();
        held = next.DetachFromDisposeScope();
    }
}
