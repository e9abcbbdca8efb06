namespace Interp;

/// <summary>Tests by permutation: how often chance alone gives a statistic as far out as the one observed.</summary>
public static class Permutation
{
    /// <summary>The two-sided p-value of a difference of means when the labels of the two samples are shuffled.</summary>
    /// <param name="x">The first sample.</param>
    /// <param name="y">The second.</param>
    /// <param name="permutations">How many shuffles are drawn.</param>
    /// <param name="seed">The same seed gives the same value.</param>
    /// <returns>(1 + shuffles at least as far out) / (1 + shuffles): above 0, at most 1 (Phipson and Smyth 2010).</returns>
    /// <exception cref="ArgumentException">A sample is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no shuffle.</exception>
    public static double DifferenceOfMeans(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int permutations = 10_000, int seed = 0)
    {
        if (x.IsEmpty || y.IsEmpty)
            throw new ArgumentException($"Both samples need values: {x.Length} against {y.Length}.");
        var first = x.Length;
        double[] pool = [.. x, .. y];
        var total = pool.Sum();
        return PValue(permutations, seed, pool, shuffled => Math.Abs(Difference(shuffled, first, total)));
    }

    /// <summary>The two-sided p-value of Pearson's coefficient when the pairing is shuffled.</summary>
    /// <param name="x">The first sample.</param>
    /// <param name="y">The second, of the same length.</param>
    /// <param name="permutations">How many shuffles are drawn.</param>
    /// <param name="seed">The same seed gives the same value.</param>
    /// <returns>(1 + shuffles at least as far out) / (1 + shuffles); NaN where the coefficient is.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no shuffle.</exception>
    public static double Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int permutations = 10_000, int seed = 0)
    {
        var fixedSide = x.ToArray();
        return double.IsNaN(Correlations.Pearson(x, y))
            ? double.NaN
            : PValue(permutations, seed, y.ToArray(), shuffled => Math.Abs(Correlations.Pearson(fixedSide, shuffled)));
    }

    private static double PValue(int permutations, int seed, double[] values, Func<double[], double> statistic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        // Sums in another order round differently: a tie must still count as one.
        var observed = statistic(values) * (1 - 1e-12);
        var random = new Random(seed);
        var reached = 1;
        for (var i = 0; i < permutations; i++)
        {
            random.Shuffle(values);
            if (statistic(values) >= observed)
                reached++;
        }

        return reached / (permutations + 1.0);
    }

    private static double Difference(double[] pool, int first, double total)
    {
        var sum = 0.0;
        for (var i = 0; i < first; i++)
            sum += pool[i];
        return sum / first - (total - sum) / (pool.Length - first);
    }
}
