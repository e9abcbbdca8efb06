namespace Interp;

using System.Collections.Immutable;

/// <summary>Each pair of dimensions has its own stretch: one list for texts within the original context, another for longer ones (LongRoPE, Ding et al. 2024, arXiv 2402.13753).</summary>
/// <remarks>The usual <see cref="RopeScaling.Amplitude"/> is sqrt(1 + ln(context / original context) / ln(original context)), for texts of every length.</remarks>
/// <param name="ShortFactors">The stretches of texts within the original context, one a pair.</param>
/// <param name="LongFactors">The stretches of longer texts, one a pair.</param>
/// <param name="OriginalContext">The context length of the original training.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record LongRopeScaling(ImmutableArray<double> ShortFactors, ImmutableArray<double> LongFactors, int OriginalContext) : RopeScaling
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A list has not one factor a pair.</exception>
    public override double[] Frequencies(double theta, int dim, long length)
    {
        var factors = length > OriginalContext ? LongFactors : ShortFactors;
        if (factors.Length != dim / 2)
            throw new InvalidOperationException($"There are {factors.Length} factors for {dim / 2} pairs of rotary dimensions; there must be one a pair.");
        return [.. Unscaled(theta, dim).Select((frequency, pair) => frequency / factors[pair])];
    }

    /// <inheritdoc/>
    public override long Regime(long length) => length > OriginalContext ? 1 : 0;

    /// <summary>How far the texts of training reached.</summary>
    public override string ToString() => $"long scaling beyond {OriginalContext} positions, {ShortFactors.Length} frequencies";
}
