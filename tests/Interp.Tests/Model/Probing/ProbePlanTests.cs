namespace Interp.Tests.Model.Probing;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Features read from a model: which activations, which rows, in which order.</summary>
[Trait("Tier", "model")]
public sealed class ProbePlanTests
{
    private static readonly int[] FirstTokens = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? 3 : 5)];

    [Fact]
    public void Logistic_ByLayer_ReadsTheTokenThatDecides()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var result = model.On(Prompts()).Probe(ResidPost.At(0), Labels()).Resamples(100).Logistic();
        result.Scores.Shape.ShouldBe([3]);
        result.Scores.Values.ToArray().ShouldAllBe(score => score > 0.99);
        result.Table.AxisOf("figure").Labels.ShouldContain("shuffled labels");
        result[1].Probe.FeatureCount.ShouldBe(16);
        result[1].Probe.Name.ShouldContain("blocks.1.hook_resid_post");
        result.Figure().Html.ShouldContain("shuffled labels");
        result.ToString().ShouldContain("best");
    }

    [Fact]
    public void Probe_ByPosition_FindsWhereTheInformationIs()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var result = model.On(Prompts()).Probe(Embed.At(0..3).ByPosition(), Labels()).Resamples(0).MeanDifference();
        result.Scores.Axes.Select(a => a.Name).ShouldBe(["pos"]);
        result.Scores[0].ShouldBeGreaterThan(0.99);
        result.Scores[1].ShouldBeLessThan(0.85);
    }

    [Fact]
    public void Read_UnitOfEachKind_EqualsTheCapturedActivation()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var plan = model.On(Prompts());
        using var run = plan.Capture(ResidPost, Z, MlpPost).Run();
        using var last = plan.Probe(ResidPost[2].At(Position.Last), Labels()).Batch(7).Read();
        Same(last.Data[0].Features, run[ResidPost[2]].select(1, 5));
        using var heads = plan.Probe(Z[1].At(2).ByHead(), Labels()).Read();
        heads.Axes.Select(a => a.Name).ShouldBe(["layer", "head"]);
        Same(heads.Data[3].Features, run[Z[1]].select(1, 2).select(1, 3));
        using var mean = plan.Probe(ResidPost[0].At(1..4), Labels()).Pool(Pooling.Mean).Read();
        Same(mean.Data[0].Features, run[ResidPost[0]].narrow(1, 1, 3).mean([1L]));
        using var most = plan.Probe(MlpPost[0].At(1..4), Labels()).Pool(Pooling.Max).Read();
        Same(most.Data[0].Features, run[MlpPost[0]].narrow(1, 1, 3).amax(1L));
        using var both = plan.Probe(ResidPost.At(1), Labels()).And(MlpPost.At(1)).Read();
        Same(both.Data[1].Features, cat([run[ResidPost[1]].select(1, 1), run[MlpPost[1]].select(1, 1)], 1));
        using var all = plan.Probe(ResidPost.At(1), Labels()).Jointly().Read();
        all.Data.Single().FeatureCount.ShouldBe(48);
    }

    [Fact]
    public void Read_LabelledTokens_TakesTheirRowsInOrder()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        int[][] prompts = [[1, 2, 3, 4], [5, 6], [7, 8, 9]];
        string?[][] labels = [["a", null, "b", null], ["b", "a"], [null, null, "a"]];
        foreach (var side in new[] { PaddingSide.Left, PaddingSide.Right })
        {
            var plan = model.On(RunInput.Of(prompts, side));
            using var run = plan.Capture(ResidPost).Run();
            using var read = plan.Probe(ResidPost[1], ProbeLabels.OfTokens(labels)).Batch(2).Read();
            var shift = side == PaddingSide.Left ? (int[])[0, 2, 1] : [0, 0, 0];
            (int Row, int Place)[] places = [(0, 0), (0, 2), (1, 0), (1, 1), (2, 2)];
            Same(read.Data[0].Features, stack([.. places.Select(p => run[ResidPost[1]][p.Row, p.Place + shift[p.Row]])]));
            read.Data[0].Groups.ShouldBe([0, 0, 1, 1, 2]);
        }
    }

    [Fact]
    public void Read_EditedRun_ReadsWhatTheEditLeft()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var read = model.On(Prompts()).Zero(ResidPost[1]).Probe(ResidPost[1].At(0), Labels()).Read();
        read.Data[0].Features.abs().max().ToDouble().ShouldBe(0);
    }

    [Fact]
    public void Fit_SeveralMethods_LeavesNoTensorBehind()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var plan = model.On(Prompts()).Probe(ResidPost.At(Position.Last), Labels()).Resamples(10).Shuffles(1);
        LiveTensors.ShouldStayEqual(() =>
        {
            using var features = plan.Read();
            features.Fit(Probes.MeanDifference());
            features.Fit(Probes.Ridge());
            plan.KSparse(3);
        });
    }

    [Fact]
    public void Probe_PlacesThatAreNotThere_AreRefused()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var plan = model.On(Prompts());
        Should.Throw<KeyNotFoundException>(() => plan.Probe(ResidPost.At(Position.Role("subject")), Labels()).Read()).Message.ShouldContain("no role 'subject'");
        Should.Throw<ArgumentOutOfRangeException>(() => plan.Probe(ResidPost.At(9), Labels()).Read()).Message.ShouldContain("No pos 9");
        Should.Throw<ArgumentException>(() => plan.Probe(ResidPost, Labels()).Read()).Message.ShouldContain("is 6 positions of prompt 0");
        Should.Throw<ArgumentException>(() => plan.Probe(Pattern.At(0), Labels()).Read()).Message.ShouldContain("axes [batch, pos, ..]");
        Should.Throw<ArgumentException>(() => plan.Probe(ResidPost.At(0), new[] { true, false })).Message.ShouldContain("60 prompts and 2 labels");
        Should.Throw<ArgumentException>(() => plan.Probe(ResidPost.At(0), new bool[60])).Message.ShouldContain("'false'");
        var uneven = model.On(RunInput.Of([[1, 2, 3], [4, 5]]));
        Should.Throw<ArgumentException>(() => uneven.Probe(ResidPost.At(2), new[] { true, false }).Read()).Message.ShouldContain("Position 2 of prompt 1 is padding");
        var tokens = ProbeLabels.OfTokens([["a"], ["b", null, "a"]]);
        Should.Throw<ArgumentException>(() => uneven.Probe(ResidPost, tokens).Read()).Message.ShouldContain("token 2 of prompt 1");
    }

    [Fact]
    public void Folds_ThatSplitAGroup_AreRefused()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var plan = model.On(Prompts()).Probe(ResidPost[0].At(0), Labels()).Group(Enumerable.Range(0, 60).Select(i => i / 2));
        Should.Throw<ArgumentException>(() => plan.Folds(Enumerable.Range(0, 60).Select(i => i % 2)).MeanDifference()).Message.ShouldContain("Group 0 leaks");
        Should.Throw<ArgumentException>(() => plan.Group([1, 2])).Message.ShouldContain("2 groups");
    }

    private static RunInput Prompts()
    {
        var random = new Random(1);
        return RunInput.Of(FirstTokens.Select(first => (int[])[first, .. Enumerable.Range(0, 5).Select(_ => random.Next(6, 29))]));
    }

    private static bool[] Labels() => [.. FirstTokens.Select(t => t == 3)];

    private static void Same(Tensor left, Tensor right) => (left - right).abs().max().ToDouble().ShouldBe(0);
}
