using MathNet.Numerics.Statistics;

namespace Interp;

/// <summary>Intervals of confidence by resampling with replacement (Efron and Tibshirani 1993, ch. 13: the percentile interval).</summary>
public static class Bootstrap
{
    /// <summary>The percentile interval of a statistic of one sample.</summary>
    /// <param name="values">The sample, drawn from as if its values were independent.</param>
    /// <param name="statistic">The statistic; resamples that give NaN are left out.</param>
    /// <param name="resamples">How many resamples are drawn.</param>
    /// <param name="level">The level of confidence, between 0 and 1.</param>
    /// <param name="seed">The same seed gives the same interval.</param>
    /// <exception cref="ArgumentException">The sample is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no resample, or the level is not between 0 and 1.</exception>
    public static Interval Interval(
        ReadOnlySpan<double> values, Func<double[], double> statistic, int resamples = 1000, double level = 0.95, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        var sample = values.ToArray();
        return Percentile(
            sample.Length, resamples, level, seed, picked => statistic(Array.ConvertAll(picked, i => sample[i])));
    }

    /// <summary>The percentile interval of a statistic of paired samples; pairs are drawn together.</summary>
    /// <param name="x">The first sample.</param>
    /// <param name="y">The second, of the same length.</param>
    /// <param name="statistic">The statistic, say <c>(a, b) => Correlations.Pearson(a, b)</c>; resamples that give NaN are left out.</param>
    /// <param name="resamples">How many resamples are drawn.</param>
    /// <param name="level">The level of confidence, between 0 and 1.</param>
    /// <param name="seed">The same seed gives the same interval.</param>
    /// <exception cref="ArgumentException">The samples are empty or differ in length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no resample, or the level is not between 0 and 1.</exception>
    public static Interval Interval(
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> y,
        Func<double[], double[], double> statistic,
        int resamples = 1000,
        double level = 0.95,
        int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        if (x.Length != y.Length)
            throw new ArgumentException($"The samples are paired: {x.Length} values against {y.Length}.", nameof(y));
        var (first, second) = (x.ToArray(), y.ToArray());
        return Percentile(
            first.Length,
            resamples,
            level,
            seed,
            picked => statistic(Array.ConvertAll(picked, i => first[i]), Array.ConvertAll(picked, i => second[i])));
    }

    /// <summary>The intervals of many samples' means over the same draws; NaN where a sample has one value or none.</summary>
    /// <param name="samples">Samples of one length.</param>
    /// <param name="resamples">How many resamples are drawn.</param>
    /// <param name="level">The level of confidence, between 0 and 1.</param>
    /// <param name="seed">The same seed gives the same intervals.</param>
    internal static Interval[] OfMeans(double[][] samples, int resamples, double level = 0.95, int seed = 0)
    {
        var count = samples.Length == 0 ? 0 : samples[0].Length;
        if (count < 2)
            return [.. samples.Select(_ => new Interval(double.NaN, double.NaN, level))];
        var random = new Random(seed);
        var picked = Enumerable.Range(0, resamples).Select(_ => Enumerable.Range(0, count).Select(_ => random.Next(count)).ToArray()).ToArray();
        return [.. samples.Select(sample => Percentile([.. picked.Select(draw => draw.Sum(i => sample[i]) / count)], level))];
    }

    /// <summary>The interval between two percentiles of a statistic's resamples; NaN where there is none.</summary>
    internal static Interval Percentile(List<double> statistics, double level)
    {
        if (statistics.Count == 0)
            return new Interval(double.NaN, double.NaN, level);
        double[] sorted = [.. statistics.Order()];
        return new Interval(At(sorted, (1 - level) / 2), At(sorted, (1 + level) / 2), level);
    }

    private static Interval Percentile(int count, int resamples, double level, int seed, Func<int[], double> statistic)
    {
        if (count == 0)
            throw new ArgumentException("The sample is empty: nothing can be drawn from it.");
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (!(level > 0 && level < 1))
            throw new ArgumentOutOfRangeException(nameof(level), $"The level of confidence is {level}: give one between 0 and 1, say 0.95.");

        var random = new Random(seed);
        var picked = new int[count];
        var statistics = new List<double>(resamples);
        for (var r = 0; r < resamples; r++)
        {
            for (var i = 0; i < count; i++)
                picked[i] = random.Next(count);
            if (statistic(picked) is var value && !double.IsNaN(value))
                statistics.Add(value);
        }

        return Percentile(statistics, level);
    }

    private static double At(double[] sorted, double tau) => SortedArrayStatistics.QuantileCustom(sorted, tau, QuantileDefinition.R7);
}
