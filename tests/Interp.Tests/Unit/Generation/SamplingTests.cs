namespace Interp.Tests.Unit.Generation;

using Interp.Tests.Support;
using MathNet.Numerics.Distributions;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Filters against Hugging Face's definitions, written out in plain loops, and frequencies of draws.</summary>
[Trait("Tier", "unit")]
public sealed class SamplingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Probabilities_RandomLogitsAndFilters_AreHuggingFaces(int seed)
    {
        var random = new Random(seed);
        for (var trial = 0; trial < 40; trial++)
        {
            var logits = Enumerable.Range(0, 50).Select(_ => (float)(random.NextDouble() * 12 - 6)).ToArray();
            if (trial % 6 == 0)
                logits[3] = logits[7] = logits.Max(); // without top-p, which keeps either of two equals
            var sampling = new Sampling
            {
                Temperature = 0.3 + random.NextDouble() * 2, TopK = trial % 2 == 0 ? random.Next(1, 60) : null,
                TopP = trial % 3 == 0 ? null : 0.05 + 0.95 * random.NextDouble(), MinP = trial % 5 == 0 ? 0.2 * random.NextDouble() : null,
            };
            using var scope = NewDisposeScope();
            var ours = sampling.Probabilities(tensor(logits, [1, 50]))[0].data<float>().ToArray();
            var theirs = Reference(logits, sampling);
            ours.Select(p => p > 0).ShouldBe(theirs.Select(p => p > 0), sampling.ToString());
            for (var i = 0; i < 50; i++)
                ours[i].ShouldBe((float)theirs[i], 1e-6f, sampling.ToString());
        }
    }

    [Fact]
    public void Probabilities_TopP_KeepsTheTokenThatCrosses()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[] { 0.5, 0.3, 0.15, 0.05 }, [1, 4]).log();
        Kept(0.5).ShouldBe([true, false, false, false]);
        Kept(0.6).ShouldBe([true, true, false, false]);
        Kept(0.9).ShouldBe([true, true, true, false]);
        Kept(1).ShouldBe([true, true, true, true]);

        bool[] Kept(double p) => [.. new Sampling { TopP = p }.Probabilities(logits)[0].data<float>().ToArray().Select(value => value > 0)];
    }

    [Theory]
    [InlineData(1.0, null)]
    [InlineData(0.7, null)]
    [InlineData(1.6, 0.8)]
    public void Generate_ManySamples_AreDrawnInTheSoftmaxsFrequencies(double temperature, double? topP)
    {
        const int Draws = 20_000;
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 11, ScalarType.Float32);
        var sampling = new Sampling { Temperature = temperature, TopP = topP, Seed = 5 };
        using var drawn = model.On([[1, 2, 3]]).Generate(new GenerationOptions { Tokens = 1, Samples = Draws, Sampling = sampling });
        using var logits = model.On([[1, 2, 3]]).LogitsAt(Position.Last).Logits();
        using var expected = sampling.Probabilities(logits.squeeze(1));
        var (p, counts) = (expected.data<float>().ToArray(), new int[29]);
        foreach (var row in drawn.Rows)
            counts[row.Tokens[0]]++;
        // Tokens that are expected less than five times are counted together.
        var (statistic, cells, rareCount, rareShare) = (0.0, 0, 0.0, 0.0);
        for (var i = 0; i < p.Length; i++)
        {
            if (p[i] == 0)
                counts[i].ShouldBe(0);
            else if (p[i] * Draws < 5)
                (rareCount, rareShare) = (rareCount + counts[i], rareShare + p[i]);
            else
                (statistic, cells) = (statistic + Math.Pow(counts[i] - p[i] * Draws, 2) / (p[i] * Draws), cells + 1);
        }
        if (rareShare * Draws >= 1)
            (statistic, cells) = (statistic + Math.Pow(rareCount - rareShare * Draws, 2) / (rareShare * Draws), cells + 1);
        cells.ShouldBeGreaterThan(3);
        var tail = 1 - ChiSquared.CDF(cells - 1, statistic);
        Evidence.Record("generation-frequencies", tail > 0.001, $"temperature {Evidence.Text(temperature)}{(topP is null ? "" : $" and top-p {topP}")}: chi-square {statistic:F1} over {cells} cells, p {tail:F3}");
        tail.ShouldBeGreaterThan(0.001);
    }

    [Fact]
    public void Unit_ManyPlaces_IsUniform()
    {
        var counts = new int[64];
        foreach (var (seed, prompt, sample, step) in from s in Enumerable.Range(0, 8) from p in Enumerable.Range(0, 10) from k in Enumerable.Range(0, 10) from t in Enumerable.Range(0, 100) select (s, p, k, t))
            counts[(int)(CounterRandom.Unit(seed, prompt, sample, step) * 64)]++;
        var statistic = counts.Sum(c => Math.Pow(c - 1250, 2) / 1250);
        (1 - ChiSquared.CDF(63, statistic)).ShouldBeInRange(0.001, 0.999);
    }

    // Temperature, top-k, top-p, min-p: TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, MinPLogitsWarper as their documentation and names say.
    private static double[] Reference(float[] logits, Sampling s)
    {
        var scores = logits.Select(v => (double)(float)(v / (float)s.Temperature)).ToArray();
        if (s.TopK is { } k)
        {
            var least = scores.OrderDescending().ElementAt(Math.Min(k, scores.Length) - 1);
            scores = [.. scores.Select(v => v < least ? double.NegativeInfinity : v)];
        }
        if (s.TopP is { } top && top < 1)
        {
            var p = Softmax(scores);
            var sum = 0.0;
            var order = Enumerable.Range(0, p.Length).OrderBy(i => scores[i]).ToArray();
            foreach (var i in order[..^1])
            {
                sum += p[i];
                if (sum <= 1 - top)
                    scores[i] = double.NegativeInfinity;
            }
        }
        if (s.MinP is { } share)
        {
            var p = Softmax(scores);
            scores = [.. scores.Select((v, i) => p[i] < share * p.Max() ? double.NegativeInfinity : v)];
        }
        return Softmax(scores);
    }

    private static double[] Softmax(double[] scores)
    {
        var top = scores.Max();
        var e = scores.Select(v => Math.Exp(v - top)).ToArray();
        return [.. e.Select(v => v / e.Sum())];
    }
}
