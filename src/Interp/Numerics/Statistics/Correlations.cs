using MathNet.Numerics.Statistics;

namespace Interp;

/// <summary>Coefficients of correlation between paired samples.</summary>
public static class Correlations
{
    /// <summary>Pearson's coefficient; NaN where fewer than two pairs are given, a sample is constant or a value is NaN.</summary>
    /// <param name="x">The first sample.</param>
    /// <param name="y">The second, of the same length.</param>
    /// <returns>Between -1 and 1.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        RequireEqual(x.Length, y.Length);
        // A constant sample has no correlation, but rounding of its mean can leave a spread above zero.
        return x.Length < 2 || IsConstant(x) || IsConstant(y) ? double.NaN : Math.Clamp(Correlation.Pearson(x.ToArray(), y.ToArray()), -1, 1);
    }

    /// <summary>Spearman's coefficient: Pearson's of the ranks, where equal values share the mean of theirs.</summary>
    /// <param name="x">The first sample.</param>
    /// <param name="y">The second, of the same length.</param>
    /// <returns>Between -1 and 1, or NaN as <see cref="Pearson"/>.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        RequireEqual(x.Length, y.Length);
        return x.ContainsNaN() || y.ContainsNaN() ? double.NaN : Pearson(Ranks(x), Ranks(y));
    }

    /// <summary>The rank of each value, smallest first from 1; equal values share the mean of their ranks.</summary>
    public static double[] Ranks(ReadOnlySpan<double> values) => ArrayStatistics.RanksInplace(values.ToArray(), RankDefinition.Average);

    private static bool IsConstant(ReadOnlySpan<double> values) => values.IndexOfAnyExcept(values[0]) < 0;

    private static bool ContainsNaN(this ReadOnlySpan<double> values)
    {
        foreach (var value in values)
            if (double.IsNaN(value))
                return true;
        return false;
    }

    private static void RequireEqual(int x, int y)
    {
        if (x != y)
            throw new ArgumentException($"The samples are paired: {x} values against {y}.");
    }
}
