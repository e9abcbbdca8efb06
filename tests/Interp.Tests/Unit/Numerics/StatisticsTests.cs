namespace Interp.Tests.Unit.Numerics;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class StatisticsTests
{
    // Anscombe's first quartet: published coefficient 0.816.
    private static readonly double[] X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    private static readonly double[] Y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

    [Fact]
    public void Pearson_Anscombe_GivesThePublishedValue() => Correlations.Pearson(X, Y).ShouldBe(0.81642051634484, 1e-12);

    [Fact]
    public void Spearman_Anscombe_GivesTheKnownValue() => Correlations.Spearman(X, Y).ShouldBe(0.8181818181818182, 1e-12);

    [Fact]
    public void Spearman_Ties_ShareTheMeanRank()
    {
        Correlations.Ranks([3, 1, 3, 2]).ShouldBe([3.5, 1, 3.5, 2]);
        // Pearson of the ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4): 4.5 / sqrt(4.5 * 5).
        Correlations.Spearman([1, 2, 2, 3], [1, 2, 3, 4]).ShouldBe(4.5 / Math.Sqrt(22.5), 1e-12);
    }

    [Fact]
    public void Correlations_Undefined_AreNaN()
    {
        Correlations.Pearson([0.1, 0.1, 0.1], [1, 2, 3]).ShouldBe(double.NaN);
        Correlations.Pearson([1], [1]).ShouldBe(double.NaN);
        Correlations.Spearman([1, double.NaN, 3], [1, 2, 3]).ShouldBe(double.NaN);
        Should.Throw<ArgumentException>(() => Correlations.Pearson([1, 2], [1])).Message.ShouldContain("2 values against 1");
    }

    [Fact]
    public void Bootstrap_Mean_MatchesTheNormalIntervalAndItsSeed()
    {
        var random = new Random(5);
        var sample = Enumerable.Range(0, 400).Select(_ => random.NextDouble()).ToArray();
        var interval = Bootstrap.Interval(sample, s => s.Average(), resamples: 4000, seed: 1);
        var error = Math.Sqrt(sample.Sum(v => Math.Pow(v - sample.Average(), 2)) / 400 / 400);
        interval.Low.ShouldBe(sample.Average() - 1.96 * error, 0.15 * error);
        interval.High.ShouldBe(sample.Average() + 1.96 * error, 0.15 * error);
        Bootstrap.Interval(sample, s => s.Average(), resamples: 4000, seed: 1).ShouldBe(interval);
        Bootstrap.Interval(sample, s => s.Average(), resamples: 4000, seed: 2).ShouldNotBe(interval);
    }

    [Fact]
    public void Compare_Intervals_EqualThePlainBootstrap()
    {
        var random = new Random(9);
        var x = Enumerable.Range(0, 60).Select(_ => (double)random.Next(12)).ToArray(); // with ties
        var y = x.Select(v => v + random.Next(8)).ToArray();
        var axis = new Axis("i", 60);
        var comparison = new LabelledArray([axis], x, "a").Compare(new LabelledArray([axis], y, "b"), resamples: 300, seed: 4);
        var pearson = Bootstrap.Interval(x, y, (a, b) => Correlations.Pearson(a, b), resamples: 300, seed: 4);
        var spearman = Bootstrap.Interval(x, y, (a, b) => Correlations.Spearman(a, b), resamples: 300, seed: 4);
        comparison.PearsonInterval!.Value.Low.ShouldBe(pearson.Low, 1e-12);
        comparison.PearsonInterval.Value.High.ShouldBe(pearson.High, 1e-12);
        comparison.SpearmanInterval!.Value.Low.ShouldBe(spearman.Low, 1e-12);
        comparison.SpearmanInterval.Value.High.ShouldBe(spearman.High, 1e-12);
    }

    [Fact]
    public void Bootstrap_ConstantSample_HasNoWidth() => Bootstrap.Interval([2, 2, 2], s => s.Average()).ShouldBe(new Interval(2, 2, 0.95));

    [Fact]
    public void Bootstrap_BadArguments_Throw()
    {
        Should.Throw<ArgumentException>(() => Bootstrap.Interval([], s => s.Average()));
        Should.Throw<ArgumentOutOfRangeException>(() => Bootstrap.Interval([1], s => s.Average(), level: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Bootstrap.Interval([1], s => s.Average(), resamples: 0));
    }

    [Fact]
    public void DifferenceOfMeans_SmallSamples_MatchesTheCountOfAllSplits()
    {
        // Of the 20 splits of {1, ..., 6} into two threes, 2 are as far out as {1, 2, 3} against {4, 5, 6}.
        Permutation.DifferenceOfMeans([1, 2, 3], [4, 5, 6], permutations: 20_000).ShouldBe(0.1, 0.01);
        Permutation.DifferenceOfMeans([1, 1], [1, 1], permutations: 100).ShouldBe(1);
    }

    [Fact]
    public void PermutationPearson_PerfectOrder_MatchesTheCountOfAllOrders()
    {
        // Of the 24 orders of four values, the straight one and its reverse reach |r| = 1.
        Permutation.Pearson([1, 2, 3, 4], [1, 2, 3, 4], permutations: 20_000).ShouldBe(2 / 24.0, 0.01);
        Permutation.Pearson([1, 1], [1, 2]).ShouldBe(double.NaN);
    }
}
