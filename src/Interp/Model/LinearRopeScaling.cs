namespace Interp;

/// <summary>Every wavelength is stretched alike (position interpolation, Chen et al. 2023, arXiv 2306.15595).</summary>
/// <param name="Factor">The stretch.</param>
public sealed record LinearRopeScaling(double Factor) : RopeScaling
{
    /// <inheritdoc/>
    public override double[] Frequencies(double theta, int dim, long length) => [.. Unscaled(theta, dim).Select(frequency => frequency / Factor)];

    /// <inheritdoc/>
    public override long Regime(long length) => 0;
}
