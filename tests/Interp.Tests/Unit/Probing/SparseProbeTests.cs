namespace Interp.Tests.Unit.Probing;

using System.Diagnostics;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>The L1 probe: what it finds, how fast, and that it is the minimum.</summary>
[Trait("Tier", "unit")]
public sealed class SparseProbeTests
{
    [Fact]
    public void Sparse_FiveOfManyFeatures_FindsThemAndLittleElse()
    {
        var (rows, features) = Evidence.Full ? (2000, 100_000) : (1000, 4000);
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(rows, features, seed: 1, ScalarType.Float32);
        var data = new ProbeData(x, Synthetic.Classes(x, 5, 1.5, seed: 2));
        var watch = Stopwatch.StartNew();
        var probe = Probes.Sparse().Fit(data);
        var seconds = watch.Elapsed.TotalSeconds;
        var (found, wrong) = (probe.Support.Count(f => f < 5), probe.Support.Count(f => f >= 5));
        var holds = found >= 4 && wrong <= 5 && seconds < 60;
        Evidence.Record("probe-l1", holds, $"{features:N0} x {rows:N0}: {found} of 5 found, {wrong} false, {seconds:0.0} s, penalty {Evidence.Text(probe.Penalty)}");
        found.ShouldBeGreaterThanOrEqualTo(4);
        wrong.ShouldBeLessThanOrEqualTo(5);
        if (Evidence.Full)
            seconds.ShouldBeLessThan(60);
    }

    [Fact]
    public void Sparse_SmallProblem_EqualsLongProximalGradient()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(80, 40, seed: 3) * 2 + 0.5;
        var labels = Synthetic.Classes(x, 3, 0.8, seed: 4);
        var worst = 0.0;
        foreach (var penalty in new[] { 0.1, 0.02 })
        {
            var probe = Probes.Sparse(SparsePenalty.Of(penalty)).Fit(new ProbeData(x, labels));
            var (weights, constant) = ProximalGradient(x, labels, penalty, 100_000);
            var difference = weights.Zip(probe.Weights().ToArray(), (a, b) => Math.Abs(a - b)).Append(Math.Abs(constant - probe.Bias[0])).Max();
            worst = Math.Max(worst, difference);
            probe.Support.Count.ShouldBeInRange(1, 39);
        }
        Evidence.Record("probe-l1-reference", worst <= 1e-4, $"80 x 40, two penalties, 100,000 iterations: {Evidence.Text(worst)}");
        worst.ShouldBeLessThanOrEqualTo(1e-4);
    }

    [Fact]
    public void Sparse_Solution_MeetsTheConditionsOfOptimality()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(300, 2000, seed: 5);
        bool[] labels = Synthetic.Classes(x, 4, 1, seed: 6);
        const double penalty = 0.05;
        var probe = Probes.Sparse(SparsePenalty.Of(penalty)).Fit(new ProbeData(x, labels));
        var mean = x.mean([0L]);
        var deviation = x.std(0L, unbiased: false);
        var residual = probe.Scores(x).squeeze(1).sigmoid() - tensor(labels.Select(l => l ? 1.0 : 0).ToArray());
        var gradient = ((x - mean) / deviation).t().mv(residual).div(300).data<double>().ToArray();
        for (var f = 0; f < 2000; f++)
            if (probe.Weights()[f] == 0)
                Math.Abs(gradient[f]).ShouldBeLessThanOrEqualTo(penalty * (1 + 1e-5));
            else
                gradient[f].ShouldBe(-penalty * Math.Sign(probe.Weights()[f]), 1e-6);
        residual.mean().ToDouble().ShouldBe(0, 1e-8);
    }

    [Fact]
    public void Sparse_CrossValidated_KeepsTheInformativeFeatures()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(300, 200, seed: 7);
        var data = new ProbeData(x, Synthetic.Classes(x, 3, 2, seed: 8));
        var probe = Probes.Sparse(SparsePenalty.CrossValidated).Fit(data);
        new[] { 0, 1, 2 }.ShouldBeSubsetOf(probe.Support);
        probe.Support.Count.ShouldBeLessThan(40);
    }

    [Fact]
    public void Sparse_Refit_UndoesTheShrinkage()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(600, 100, seed: 9);
        var data = new ProbeData(x, Synthetic.Classes(x, 2, 1.5, seed: 10));
        var (shrunk, full) = (Probes.Sparse().Fit(data), Probes.Sparse(refit: true).Fit(data));
        full.Support.ShouldBe(shrunk.Support);
        full.Weights()[0].ShouldBeGreaterThan(shrunk.Weights()[0]);
        full.Weights()[0].ShouldBe(1.5, 0.5);
    }

    [Fact]
    public void Sparse_PenaltyAboveTheLargestGradient_SelectsNothing()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(50, 10, seed: 11);
        Probes.Sparse(SparsePenalty.Of(1)).Fit(new ProbeData(x, Synthetic.Coins(50, 0))).Support.ShouldBeEmpty();
    }

    [Fact]
    public void Sparse_ThreeClasses_SaysWhatToDo()
    {
        using var scope = NewDisposeScope();
        var data = new ProbeData(Synthetic.Normal(30, 4, 0), Enumerable.Range(0, 30).Select(i => i % 3).ToArray());
        Should.Throw<ArgumentException>(() => Probes.Sparse().Fit(data)).Message.ShouldContain("one against the rest");
    }

    // Plain proximal gradient on standardised features, from zero.
    private static (double[] Weights, double Constant) ProximalGradient(Tensor features, bool[] labels, double penalty, int iterations)
    {
        var (mean, deviation) = (features.mean([0L]).data<double>().ToArray(), features.std(0L, unbiased: false).data<double>().ToArray());
        var (n, p) = ((int)features.shape[0], (int)features.shape[1]);
        var x = features.contiguous().data<double>().ToArray().Chunk(p).Select(r => r.Select((v, j) => (v - mean[j]) / deviation[j]).ToArray()).ToArray();
        var (w, c, step) = (new double[p], 0.0, 4.0 * n / x.Sum(r => r.Sum(v => v * v) + 1));
        var gradient = new double[p];
        for (var t = 0; t < iterations; t++)
        {
            Array.Clear(gradient);
            var constant = 0.0;
            for (var i = 0; i < n; i++)
            {
                var score = c;
                for (var j = 0; j < p; j++)
                    score += w[j] * x[i][j];
                var residual = 1 / (1 + Math.Exp(-score)) - (labels[i] ? 1 : 0);
                constant += residual;
                for (var j = 0; j < p; j++)
                    gradient[j] += residual * x[i][j];
            }
            c -= step * constant / n;
            for (var j = 0; j < p; j++)
            {
                var next = w[j] - step * gradient[j] / n;
                w[j] = Math.Sign(next) * Math.Max(0, Math.Abs(next) - step * penalty);
            }
        }
        double[] own = [.. w.Select((v, j) => v / deviation[j])];
        return (own, c - own.Zip(mean, (a, b) => a * b).Sum());
    }
}
