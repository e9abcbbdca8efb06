namespace Interp.Tests.Unit.Probing;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Measures, splits, controls, files, and what is refused.</summary>
[Trait("Tier", "unit")]
public sealed class ProbeEvaluationTests
{
    [Fact]
    public void Auroc_WithTies_IsTheShareOfPairs()
    {
        var random = new Random(0);
        double[] scores = [.. Enumerable.Range(0, 60).Select(_ => (double)random.Next(8))];
        bool[] positive = [.. scores.Select(_ => random.Next(3) == 0)];
        int[] folds = [.. Enumerable.Range(0, 60).Select(i => i % 4)];
        double Pairs(Func<int, int, bool> counted)
        {
            double won = 0, all = 0;
            for (var i = 0; i < 60; i++)
                for (var j = 0; j < 60; j++)
                    if (positive[i] && !positive[j] && counted(i, j))
                        (won, all) = (won + (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0), all + 1);
            return won / all;
        }
        ProbeMetrics.Auroc(scores, positive).ShouldBe(Pairs((_, _) => true), 1e-12);
        ProbeMetrics.Auroc(scores, positive, folds).ShouldBe(Pairs((i, j) => folds[i] == folds[j]), 1e-12);
        ProbeMetrics.Auroc([1, 1, 1], [true, false, true]).ShouldBe(0.5);
        ProbeMetrics.Auroc([1, 2], [true, true]).ShouldBe(double.NaN);
    }

    [Fact]
    public void Measures_HandMadeRows_AreTheirFormulas()
    {
        ProbeMetrics.BalancedAccuracy([0, 0, 0, 1], [0, 0, 1, 1]).ShouldBe((1 + 0.5) / 2);
        ProbeMetrics.Brier([0.8, 0.4], [true, false]).ShouldBe((0.04 + 0.16) / 2, 1e-12);
        ProbeMetrics.CalibrationError([0.05, 0.05, 0.95, 1], [false, true, true, true]).ShouldBe((2 * 0.45 + 2 * 0.025) / 4, 1e-12);
        ProbeMetrics.R2([1, 2, 3], [1, 2, 3]).ShouldBe(1);
        ProbeMetrics.R2([2, 2, 2], [1, 2, 3]).ShouldBe(0);
        ProbeMetrics.AurocNullError([true, true, false, false]).ShouldBe(Math.Sqrt(5.0 / 48), 1e-12);
        var curve = ProbeMetrics.Reliability([0.05, 0.95], [false, true], bins: 2);
        curve[0, 2].ShouldBe(1);
        curve[1, 1].ShouldBe(1);
    }

    [Fact]
    public void Stratified_UnevenClasses_SpreadsThemEvenly()
    {
        ProbeLabels labels = Enumerable.Range(0, 103).Select(i => i < 30 ? "a" : "b").ToArray();
        var folds = Splits.Stratified(labels, 5, seed: 3);
        for (var fold = 0; fold < 5; fold++)
        {
            Enumerable.Range(0, 103).Count(i => folds[i] == fold).ShouldBeInRange(20, 21);
            Enumerable.Range(0, 103).Count(i => folds[i] == fold && i < 30).ShouldBe(6);
        }
        Splits.Stratified(labels, 5, seed: 3).ShouldBe(folds);
        Splits.Stratified(labels, 5, seed: 4).ShouldNotBe(folds);
    }

    [Fact]
    public void Grouped_UnevenGroups_StayWholeAndClassesSpread()
    {
        var random = new Random(5);
        int[] groups = [.. Enumerable.Range(0, 400).Select(_ => random.Next(40))];
        ProbeLabels labels = groups.Select(g => g % 2 == 0).ToArray();
        var folds = Splits.Grouped(labels, groups, 5);
        Enumerable.Range(0, 400).GroupBy(i => groups[i]).ShouldAllBe(g => g.Select(i => folds[i]).Distinct().Count() == 1);
        for (var fold = 0; fold < 5; fold++)
            Enumerable.Range(0, 400).Count(i => folds[i] == fold && groups[i] % 2 == 0).ShouldBeInRange(25, 55);
    }

    [Fact]
    public void Evaluate_RandomLabels_IsAtChanceAndSoAreItsControls()
    {
        using var scope = NewDisposeScope();
        var furthest = 0.0;
        foreach (var method in new[] { Probes.Logistic(), Probes.MeanDifference(), Probes.Ridge(), Probes.Whitened() })
            for (var seed = 0; seed < 3; seed++)
            {
                var data = new ProbeData(Synthetic.Normal(200, 30, seed), Synthetic.Coins(200, 100 + seed));
                var evaluation = data.Evaluate(method, seed: seed, resamples: 100).Evaluation;
                furthest = Math.Max(furthest, Math.Abs(evaluation.Score - 0.5) / evaluation.NullError);
                evaluation.Shuffled.ShouldBe(0.5, 3 * evaluation.NullError);
                evaluation.RandomFeatures.ShouldBe(0.5, 3 * evaluation.NullError);
            }
        Evidence.Record("probe-chance", furthest <= 3, $"four methods, three seeds, 200 x 30: furthest {furthest:0.00} standard errors from 0.5; shuffled labels and random features within 3 too");
        furthest.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void Evaluate_RealSignal_StandsAboveItsControls()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(400, 20, seed: 1);
        var evaluation = new ProbeData(x, Synthetic.Classes(x, 2, 3, seed: 2)).Evaluate(Probes.Logistic()).Evaluation;
        evaluation.Score.ShouldBeGreaterThan(0.85);
        evaluation.Interval.Low.ShouldBeLessThan(evaluation.Score);
        evaluation.Interval.High.ShouldBeGreaterThan(evaluation.Score);
        evaluation.Interval.Low.ShouldBeGreaterThan(0.8);
        evaluation.Shuffled.ShouldBe(0.5, 0.1);
        evaluation.RandomFeatures.ShouldBe(0.5, 0.12);
        evaluation.CalibrationError.ShouldBeLessThan(0.1);
        evaluation.ControlTask.ShouldBe(double.NaN);
        evaluation.ToString().ShouldContain("AUROC");
        evaluation.ReliabilityFigure().Html.ShouldContain("share of positive rows");
    }

    [Fact]
    public void Evaluate_ControlTask_IsLearntByHeartFromTypesAlone()
    {
        using var scope = NewDisposeScope();
        var types = Synthetic.Normal(12, 40, seed: 3);
        int[] keys = [.. Enumerable.Range(0, 360).Select(i => i % 12)];
        var x = types.index_select(0, tensor(Array.ConvertAll(keys, k => (long)k))) + Synthetic.Normal(360, 40, seed: 4) * 0.1;
        var evaluation = new ProbeData(x, keys.Select(k => k < 6).ToArray()).Evaluate(Probes.Logistic(), keys: keys).Evaluation;
        evaluation.Accuracy.ShouldBeGreaterThan(0.98);
        evaluation.ControlTask.ShouldBeGreaterThan(0.98); // forty dimensions hold any labels of twelve types
        evaluation.Selectivity.ShouldBe(0, 0.03);
    }

    [Fact]
    public void Evaluate_GroupsOfOneLabel_GiveNoCreditForRecognisingThem()
    {
        using var scope = NewDisposeScope();
        var types = Synthetic.Normal(20, 40, seed: 5);
        int[] groups = [.. Enumerable.Range(0, 400).Select(i => i % 20)];
        var x = types.index_select(0, tensor(Array.ConvertAll(groups, k => (long)k))) + Synthetic.Normal(400, 40, seed: 6) * 0.1;
        bool[] labels = [.. groups.Select(g => g < 10)];
        new ProbeData(x, labels).Evaluate(Probes.Logistic(), shuffles: 0).Evaluation.Score.ShouldBeGreaterThan(0.99);
        new ProbeData(x, labels, groups).Evaluate(Probes.Logistic(), shuffles: 0).Evaluation.Score.ShouldBeLessThan(0.8);
    }

    [Fact]
    public void Evaluate_Numbers_GivesR2()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(200, 10, seed: 7);
        var y = (x.select(1, 0) * 2 + Synthetic.Normal(200, 1, 8).squeeze(1) * 0.5).data<double>().ToArray();
        var evaluation = new ProbeData(x, y).Evaluate(Probes.Ridge()).Evaluation;
        evaluation.Measure.ShouldBe("R2");
        evaluation.Score.ShouldBeGreaterThan(0.85);
        evaluation.Shuffled.ShouldBeLessThan(0.1);
        double.IsNaN(evaluation.Accuracy).ShouldBeTrue();
    }

    [Fact]
    public void Evaluate_AnyMethod_LeavesNoTensorBehind()
    {
        using var x = Synthetic.Normal(60, 8, seed: 9);
        bool[] labels = Synthetic.Coins(60, 10);
        LiveTensors.ShouldStayEqual(() =>
        {
            foreach (var method in new[] { Probes.Logistic(), Probes.Ridge(), Probes.MeanDifference(), Probes.Whitened(), Probes.KSparse(2), Probes.Sparse() })
                new ProbeData(x, labels).Evaluate(method, shuffles: 1, resamples: 10);
        });
    }

    [Fact]
    public void SaveAndLoad_Probe_KeepsEveryBit()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var x = Synthetic.Normal(100, 12, seed: 11);
        var data = new ProbeData(x, Synthetic.Classes(x, 2, 1, seed: 12).Select(l => l ? "She" : "He").ToArray()) { Name = "here" };
        foreach (var method in new[] { Probes.Logistic(), Probes.MeanDifference() })
        {
            var probe = method.Fit(data);
            probe.Save(folder.File("probe.safetensors"));
            var loaded = LinearProbe.Load(folder.File("probe.safetensors"));
            loaded.Weights().ToArray().ShouldBe(probe.Weights().ToArray());
            loaded.Bias.ToArray().ShouldBe(probe.Bias.ToArray());
            (loaded.Method, loaded.Name, loaded.Penalty, loaded.Slope, loaded.Offset).ShouldBe((probe.Method, "here", probe.Penalty, probe.Slope, probe.Offset));
            loaded.Classes.ShouldBe(["He", "She"]);
            loaded.Probabilities(x).Equals(probe.Probabilities(x)).ShouldBeTrue();
        }
    }

    [Fact]
    public void Load_OtherFile_SaysWhatItIs()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = folder.File("other.safetensors");
        Safetensors.Write(path, [("a", zeros(2))]);
        Should.Throw<InvalidDataException>(() => LinearProbe.Load(path)).Message.ShouldContain("not a linear probe");
    }

    [Fact]
    public void Labels_OfOneClass_AreRefused()
    {
        using var scope = NewDisposeScope();
        var data = new ProbeData(Synthetic.Normal(10, 3, 0), Enumerable.Repeat("a", 10).ToArray());
        Should.Throw<ArgumentException>(() => data.Evaluate(Probes.Logistic())).Message.ShouldContain("All 10 labels of features are 'a'");
        Should.Throw<ArgumentException>(() => Probes.MeanDifference().Fit(data)).Message.ShouldContain("at least two classes");
    }

    [Fact]
    public void Rows_FewerThanFolds_AreRefused()
    {
        using var scope = NewDisposeScope();
        var few = new ProbeData(Synthetic.Normal(4, 3, 0), new[] { true, false, true, false });
        Should.Throw<ArgumentException>(() => few.Evaluate(Probes.Logistic())).Message.ShouldContain("4 rows for 5 folds");
        var rare = new ProbeData(Synthetic.Normal(20, 3, 0), Enumerable.Range(0, 20).Select(i => i < 3).ToArray());
        Should.Throw<ArgumentException>(() => rare.Evaluate(Probes.Logistic())).Message.ShouldContain("Class 'true' has 3 rows for 5 folds");
        var grouped = new ProbeData(Synthetic.Normal(20, 3, 0), Synthetic.Coins(20, 0), [.. Enumerable.Range(0, 20).Select(i => i % 3)]);
        Should.Throw<ArgumentException>(() => grouped.Evaluate(Probes.Logistic())).Message.ShouldContain("3 groups for 5 folds");
    }

    [Fact]
    public void Features_NotFinite_AreRefused()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(10, 3, 0);
        x[4, 1] = double.NaN;
        x[7, 0] = double.PositiveInfinity;
        Should.Throw<ArgumentException>(() => new ProbeData(x, Synthetic.Coins(10, 0))).Message.ShouldContain("2 of 10 rows hold features that are NaN or infinite, the first is row 4");
    }

    [Fact]
    public void Rows_OfOtherNumber_AreRefused()
    {
        using var scope = NewDisposeScope();
        var x = Synthetic.Normal(10, 3, 0);
        Should.Throw<ArgumentException>(() => new ProbeData(x, Synthetic.Coins(9, 0))).Message.ShouldContain("10 rows of features and 9 labels");
        Should.Throw<ArgumentException>(() => new ProbeData(x, Synthetic.Coins(10, 0), [1, 2])).Message.ShouldContain("2 groups");
        var probe = Probes.Logistic(1).Fit(new ProbeData(x, Synthetic.Coins(10, 0)));
        Should.Throw<ArgumentException>(() => probe.Scores(zeros(2, 4))).Message.ShouldContain("[2, 4]");
        Should.Throw<ArgumentException>(() => Probes.KSparse(5).Fit(new ProbeData(x, Synthetic.Coins(10, 0)))).Message.ShouldContain("5 features are asked for");
        Should.Throw<ArgumentException>(() => Probes.Logistic().Fit(new ProbeData(x, new double[10]))).Message.ShouldContain("use Ridge");
        Should.Throw<ArgumentOutOfRangeException>(() => Probes.Logistic(0));
    }
}
