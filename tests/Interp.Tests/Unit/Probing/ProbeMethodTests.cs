namespace Interp.Tests.Unit.Probing;

using Interp.Extending;
using MathNet.Numerics.LinearAlgebra;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Each method gives the minimum or the closed form it promises.</summary>
[Trait("Tier", "unit")]
public sealed class ProbeMethodTests
{
    [Theory]
    [InlineData(200, 12, 2)]
    [InlineData(30, 50, 2)]
    [InlineData(240, 9, 4)]
    [InlineData(40, 60, 3)]
    public void Logistic_AnyShape_HasNoGradientLeft(int rows, int features, int classes)
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(rows, features, seed: rows) * 3 + 1;
        int[] labels = [.. Enumerable.Range(0, rows).Select(i => i % classes)];
        const double penalty = 0.02;
        var probe = Probes.Logistic(penalty).Fit(new ProbeData(x, labels));
        var deviation = x.std(0L, unbiased: false);
        var standard = (x - x.mean([0L])) / deviation;
        var said = classes == 2 ? probe.Probabilities(x).narrow(1, 1, 1) : probe.Probabilities(x);
        var wanted = tensor(labels.SelectMany(l => Enumerable.Range(classes == 2 ? 1 : 0, classes == 2 ? 1 : classes).Select(c => l == c ? 1.0 : 0)).ToArray(), [rows, probe.Outputs]);
        var weights = stack([.. Enumerable.Range(0, probe.Outputs).Select(o => tensor(probe.Weights(o).ToArray()))]) * deviation;
        var gradient = (said - wanted).t().matmul(standard) / rows + weights * penalty;
        gradient.abs().max().ToDouble().ShouldBeLessThan(1e-8);
        (said - wanted).mean([0L]).abs().max().ToDouble().ShouldBeLessThan(1e-8);
    }

    [Fact]
    public void Logistic_SameData_GivesTheSameBits()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(150, 20, seed: 1);
        var data = new ProbeData(x, Synthetic.Classes(x, 3, 1, seed: 2));
        Probes.Logistic().Fit(data).Weights().ToArray().ShouldBe(Probes.Logistic().Fit(data).Weights().ToArray());
    }

    [Fact]
    public void Logistic_ChosenPenalty_IsLargeOnNoiseAndSmallOnSignal()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(200, 40, seed: 3);
        Probes.Logistic().Fit(new ProbeData(x, Synthetic.Coins(200, 4))).Penalty.ShouldBeGreaterThanOrEqualTo(1);
        Probes.Logistic().Fit(new ProbeData(x, Synthetic.Classes(x, 1, 8, seed: 5))).Penalty.ShouldBeLessThanOrEqualTo(0.1);
    }

    [Fact]
    public void Logistic_SeparableRows_StaysFinite()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(60, 5, seed: 6);
        bool[] labels = [.. x.select(1, 0).data<double>().ToArray().Select(v => v > 0)];
        var probe = Probes.Logistic(1e-4).Fit(new ProbeData(x, labels));
        probe.Weights().ToArray().ShouldAllBe(w => double.IsFinite(w));
        ProbeMetrics.Auroc([.. probe.Scores(x).squeeze(1).data<double>().ToArray()], labels).ShouldBe(1);
    }

    [Theory]
    [InlineData(100, 15)]
    [InlineData(20, 45)]
    public void Ridge_PrimalAndDual_SolveTheNormalEquations(int rows, int features)
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(rows, features, seed: 7) * 2 - 1;
        var y = (x.select(1, 0) * 3 - x.select(1, 1) + Synthetic.Normal(rows, 1, 8).squeeze(1) * 0.1 + 5).data<double>().ToArray();
        const double penalty = 0.3;
        var probe = Probes.Ridge(penalty).Fit(new ProbeData(x, y));
        var (mean, deviation) = (x.mean([0L]), x.std(0L, unbiased: false));
        var standard = Matrix<double>.Build.DenseOfRowMajor(rows, features, ((x - mean) / deviation).contiguous().data<double>().ToArray());
        var centred = Vector<double>.Build.DenseOfEnumerable(y.Select(v => v - y.Average()));
        var normal = standard.TransposeThisAndMultiply(standard) + Matrix<double>.Build.DenseIdentity(features) * (penalty * rows);
        var wanted = normal.Cholesky().Solve(standard.TransposeThisAndMultiply(centred)).ToArray();
        var scale = deviation.data<double>().ToArray();
        for (var f = 0; f < features; f++)
            (probe.Weights()[f] * scale[f]).ShouldBe(wanted[f], 1e-9);
        probe.Scores(x).mean().ToDouble().ShouldBe(y.Average(), 1e-9);
    }

    [Fact]
    public void Ridge_ChosenPenalty_IsTheBestOfRefits()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(60, 30, seed: 9);
        var y = (x.select(1, 0) + Synthetic.Normal(60, 1, 10).squeeze(1) * 2).data<double>().ToArray();
        ProbeLabels labels = y;
        var folds = Splits.Stratified(labels, 5);
        double[] penalties = [100, 10, 1, 0.1, 0.01, 1e-3, 1e-4];
        var errors = penalties.Select(p => Enumerable.Range(0, 5).Sum(fold => HeldOut(x, y, folds, fold, p))).ToArray();
        // The library's inner folds come from the same dealing with seed 0; standardisation inside of refits moves the errors a little.
        var chosen = Probes.Ridge().Fit(new ProbeData(x, labels)).Penalty;
        errors[Array.IndexOf(penalties, chosen)].ShouldBeLessThanOrEqualTo(errors.Min() * 1.02);
    }

    [Fact]
    public void MeanDifference_TwoClasses_IsTheDifferenceOfTheirMeans()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(80, 6, seed: 11);
        bool[] labels = Synthetic.Coins(80, 12);
        var probe = Probes.MeanDifference().Fit(new ProbeData(x, labels));
        var mask = tensor(labels);
        var wanted = x.masked_select(mask.unsqueeze(1)).view(-1, 6).mean([0L]) - x.masked_select(mask.logical_not().unsqueeze(1)).view(-1, 6).mean([0L]);
        using var direction = probe.Direction(dtype: ScalarType.Float64);
        (direction - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    [Theory]
    [InlineData(200, 8)]
    [InlineData(30, 40)]
    public void Whitened_AnyShape_IsTheInverseCovarianceTimesTheDifference(int rows, int features)
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(rows, features, seed: 13).matmul(Synthetic.Normal(features, features, seed: 14));
        bool[] labels = Synthetic.Coins(rows, 15);
        const double shrinkage = 0.1;
        var (plain, white) = (Probes.MeanDifference().Fit(new ProbeData(x, labels)), Probes.Whitened(shrinkage).Fit(new ProbeData(x, labels)));
        var codes = labels.Select(l => l ? 1L : 0L).ToArray();
        var means = stack([.. new[] { 0L, 1L }.Select(c => x.index_select(0, tensor(codes.Index().Where(p => p.Item == c).Select(p => (long)p.Index).ToArray())).mean([0L]))]);
        var within = x - means.index_select(0, tensor(codes));
        var covariance = within.t().mm(within) / rows;
        var shrunk = covariance * (1 - shrinkage) + eye(features, dtype: ScalarType.Float64) * (shrinkage * covariance.trace().ToDouble() / features);
        var back = shrunk.mv(tensor(white.Weights().ToArray()));
        (back - tensor(plain.Weights().ToArray())).abs().max().ToDouble().ShouldBeLessThan(1e-9);
    }

    [Fact]
    public void KSparse_InformativeFeatures_AreSelected()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(500, 300, seed: 16);
        var probe = Probes.KSparse(3).Fit(new ProbeData(x, Synthetic.Classes(x, 3, 2, seed: 17)));
        probe.Support.ShouldBe([0, 1, 2]);
        probe.Method.ShouldBe("3-sparse");
    }

    [Theory]
    [InlineData("mean difference")]
    [InlineData("probe")]
    public void Fit_DirectionPlantedInNoise_RecoversIt(string which)
    {
        using var scope = NewDisposeScope();
        const int width = 32;
        var planted = Synthetic.Normal(1, width, seed: 18).squeeze(0);
        planted /= planted.norm();
        bool[] labels = Synthetic.Coins(8000, 19);
        var signs = tensor(labels.Select(l => l ? 1.0 : -1).ToArray()).unsqueeze(1);
        var data = new ProbeData(Synthetic.Normal(8000, width, seed: 20) + signs * planted * 1.5, labels);
        var method = which == "probe" ? Probes.Logistic() : Probes.MeanDifference();
        using var direction = method.Fit(data).Direction(dtype: ScalarType.Float64);
        var cosine = direction.dot(planted).ToDouble() / direction.norm().ToDouble();
        Evidence.Record("planted-direction", cosine >= 0.99, $"{which}: cosine {cosine:0.0000}, 32 dimensions, 8,000 rows, means 3 standard deviations apart");
        cosine.ShouldBeGreaterThanOrEqualTo(0.99);
    }

    [Theory]
    [InlineData("mean difference")]
    [InlineData("whitened")]
    [InlineData("ridge")]
    public void Fit_OtherThanLogistic_GivesCalibratedProbabilities(string which)
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(2000, 5, seed: 21);
        bool[] labels = Synthetic.Classes(x, 2, 1, seed: 22);
        var method = which switch { "ridge" => Probes.Ridge(), "whitened" => Probes.Whitened(), _ => Probes.MeanDifference() };
        var probe = method.Fit(new ProbeData(x, labels));
        var probability = probe.Probabilities(x).select(1, 1).data<double>().ToArray();
        ProbeMetrics.CalibrationError(probability, labels).ShouldBeLessThan(0.04);
    }

    [Fact]
    public void MeanDifference_ThreeClasses_TellsThemApart()
    {
        using var scope = NewDisposeScope();
        var centres = Synthetic.Normal(3, 10, seed: 23) * 3;
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 3)];
        var x = Synthetic.Normal(300, 10, seed: 24) + centres.index_select(0, tensor(Array.ConvertAll(labels, l => (long)l)));
        foreach (IProbeMethod method in new[] { Probes.MeanDifference(), Probes.Whitened(), Probes.Ridge(), Probes.Logistic(), Probes.KSparse(5) })
        {
            var fit = new ProbeData(x, labels).Evaluate(method, shuffles: 1, resamples: 50);
            fit.Evaluation.Accuracy.ShouldBeGreaterThan(0.9, method.Name);
            fit.Evaluation.Score.ShouldBeGreaterThan(0.95, method.Name);
            fit.Evaluation.Shuffled.ShouldBe(0.5, 0.12, method.Name);
        }
    }

    private static double HeldOut(Tensor x, double[] y, int[] folds, int fold, double penalty)
    {
        using var scope = NewDisposeScope();
        long[] train = [.. Enumerable.Range(0, folds.Length).Where(i => folds[i] != fold).Select(i => (long)i)];
        long[] test = [.. Enumerable.Range(0, folds.Length).Where(i => folds[i] == fold).Select(i => (long)i)];
        var probe = Probes.Ridge(penalty * folds.Length / train.Length).Fit(new ProbeData(x.index_select(0, tensor(train)), train.Select(i => y[i]).ToArray()));
        var said = probe.Scores(x.index_select(0, tensor(test))).squeeze(1).data<double>().ToArray();
        return test.Zip(said, (i, s) => (y[i] - s) * (y[i] - s)).Sum();
    }
}
