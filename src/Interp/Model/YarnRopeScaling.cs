namespace Interp;

/// <summary>Long wavelengths are stretched, short ones stay, with a ramp over the pairs of dimensions between them (YaRN, Peng et al. 2023, arXiv 2309.00071, §3.2).</summary>
/// <remarks>The usual <see cref="RopeScaling.Amplitude"/> is 0.1 ln(Factor) + 1 (ibid., eq. 22).</remarks>
/// <param name="Factor">The stretch of long wavelengths.</param>
/// <param name="OriginalContext">The context length of the original training.</param>
/// <param name="FastTurns">Pairs that turn at least so often in the original context stay (beta_fast).</param>
/// <param name="SlowTurns">Pairs that turn at most so often are stretched whole (beta_slow).</param>
public sealed record YarnRopeScaling(double Factor, int OriginalContext, double FastTurns = 32, double SlowTurns = 1) : RopeScaling
{
    /// <summary>Whether the ends of the ramp are rounded to whole pairs.</summary>
    public bool Truncate { get; init; } = true;

    /// <inheritdoc/>
    public override double[] Frequencies(double theta, int dim, long length)
    {
        var (low, high) = (PairThatTurns(FastTurns, theta, dim), PairThatTurns(SlowTurns, theta, dim));
        if (Truncate)
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, dim - 1));
        if (low == high)
            high += 0.001;
        return [.. Unscaled(theta, dim).Select((frequency, pair) =>
        {
            var stretched = Math.Clamp((pair - low) / (high - low), 0, 1);
            return stretched * frequency / Factor + (1 - stretched) * frequency;
        })];
    }

    /// <inheritdoc/>
    public override long Regime(long length) => 0;

    // The pair of dimensions, as a fraction, that turns so often over the original context.
    private double PairThatTurns(double turns, double theta, int dim) =>
        dim * Math.Log(OriginalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
}
