namespace Interp.Tests.Model.Circuits;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>What edge and node scores must satisfy on any model: GPT-2-, Llama- (grouped queries) and parallel-block-shaped random ones, float64.</summary>
[Trait("Tier", "model")]
public sealed class InvariantTests
{
    public static TheoryData<string> Shapes => ["gpt2", "llama", "parallel"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Eap_AnyModel_IsTheMaskGradientAtZero(string shape)
    {
        using var model = TinyModel.Random(Config(shape));
        foreach (var study in new[] { Study(model), Study(model).Noising() })
        {
            var (eap, mask) = (study.Edges(Method.Eap), study.Edges(Method.MaskGradient()));
            var largest = Largest(eap.Values);
            var error = Largest(eap.Values - mask.Values.With(eap.Values.Quantity, eap.Values.Provenance)) / largest;
            Evidence.Record("circuit-mask", error <= 1e-10, $"{shape}: {Evidence.Text(error)}");
            error.ShouldBeLessThan(1e-10);
            eap.PerPrompt(0, 1)[1].ShouldBe(mask.PerPrompt(0, 1)[1], 1e-10 * largest);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void IntegratedGradients_MoreSteps_TendToTheWholeEffect(string shape)
    {
        using var model = TinyModel.Random(Config(shape));
        var study = Study(model).Noising();
        var whole = study.CleanMetric().Average() - study.CorruptedMetric().Average();
        double Error(int steps) => Math.Abs(study.Nodes(Method.EapIg(steps, Quadrature.GaussLegendre)).Values.Values[0] - whole);
        var (few, many) = (Error(4), Error(96));
        var exact = study.Nodes(Method.Exact);
        var paths = study.Nodes(Method.NodePaths(64));
        var nodes = Largest(paths.Values - exact.Values.With(paths.Values.Quantity, paths.Values.Provenance));
        Evidence.Record("circuit-complete", many < 1e-5 && nodes < 1e-5, $"{shape}: input {Evidence.Text(few)} with 4 steps, {Evidence.Text(many)} with 96; nodes {Evidence.Text(nodes)} with 64");
        many.ShouldBeLessThan(1e-5);
        few.ShouldBeGreaterThan(100 * many);
        nodes.ShouldBeLessThan(1e-5);
    }

    [Fact]
    public void LinearModel_EdgesAndNodes_EqualPatchingAndSumToTheTotalEffect()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2 with { Norm = NormKind.None, DMlp = 0 });
        using (no_grad())
            foreach (var block in model.Weights.Blocks) // no queries: attention is even, and the model linear
            {
                block.Attention.Qkv.narrow(1, 0, model.Config.Heads * model.Config.DHead).zero_();
                block.Attention.QkvBias!.narrow(0, 0, model.Config.Heads * model.Config.DHead).zero_();
            }
        foreach (var study in new[] { Study(model), Study(model).Noising() })
        {
            var whole = study.CleanMetric().Average() - study.CorruptedMetric().Average();
            var (eap, exact) = (study.Edges(Method.Eap), study.Edges(Method.Exact));
            var edges = Largest(eap.Values - exact.Values.With(eap.Values.Quantity, eap.Values.Provenance));
            var (node, patched) = (study.Nodes(Method.Eap), study.Nodes(Method.Exact));
            var nodes = Largest(node.Values - patched.Values.With(node.Values.Quantity, node.Values.Provenance));
            var targets = eap.Graph.Targets.Length;
            var intoLogits = Enumerable.Range(0, eap.Graph.Sources.Length).Sum(u => eap.Values.Values[(u * targets) + targets - 1]);
            var fromInput = Enumerable.Range(0, targets).Sum(t => eap.Values.Values[t]);
            var worst = new[] { edges, nodes, Math.Abs(intoLogits - whole), Math.Abs(fromInput - whole) }.Max();
            Evidence.Record("circuit-linear", worst < 1e-5, $"{study.Direction}: at most {Evidence.Text(worst)}");
            worst.ShouldBeLessThan(1e-10);
            Math.Abs(whole).ShouldBeGreaterThan(0.01);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Circuit_AllEdgesAndNone_AreTheTwoRuns(string shape)
    {
        using var model = TinyModel.Random(Config(shape));
        var study = Study(model);
        var edges = study.Edges(Method.Eap);
        var full = edges.Top(edges.Graph.EdgeCount).Metric() - study.CleanMetric().Average();
        var none = edges.Top(0).Metric() - study.CorruptedMetric().Average();
        var worst = Math.Max(Math.Abs(full), Math.Abs(none));
        Evidence.Record("circuit-ends", worst < 1e-6, $"{shape}: {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-10);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PathsToLogits_NothingFrozen_ArePlainPatching(string shape)
    {
        using var model = TinyModel.Random(Config(shape));
        var worst = 0.0;
        foreach (var study in new[] { Study(model), Study(model).Noising() })
        {
            var (paths, patched) = (study.PathsToLogits(PathFreeze.Nothing), study.Patch(Sites.Z.ByHead()).Patched);
            for (var i = 0; i < paths.Count; i++)
                worst = Math.Max(worst, Math.Abs(paths.Values[i] - patched.Values[i]));
        }
        Evidence.Record("circuit-paths-free", worst < 1e-6, $"{shape}: {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-10);
    }

    [Fact]
    public void DirectPaths_ByKindOfNorm_AgreeWhereTheNormsDo()
    {
        double[] Of(TransformerConfig config, PathNorm norm)
        {
            using var model = TinyModel.Random(config);
            return Study(model).PatchDirectPaths(HeadInput.Key, norm).Values.ToArray();
        }

        double Apart(TransformerConfig config, PathNorm left, PathNorm right) => Of(config, left).Zip(Of(config, right), (a, b) => Math.Abs(a - b)).Max();
        var (none, folded) = (TinyModel.Gpt2 with { Norm = NormKind.None }, TinyModel.Gpt2 with { Norm = NormKind.RmsPre });
        Apart(none, PathNorm.Recomputed, PathNorm.CachedScale).ShouldBeLessThan(1e-10);
        Apart(none, PathNorm.Recomputed, PathNorm.ScaleAlone).ShouldBeLessThan(1e-10);
        Apart(folded, PathNorm.CachedScale, PathNorm.ScaleAlone).ShouldBeLessThan(1e-10);
        Apart(folded, PathNorm.Recomputed, PathNorm.CachedScale).ShouldBeGreaterThan(1e-3);
        Apart(TinyModel.Gpt2, PathNorm.CachedScale, PathNorm.ScaleAlone).ShouldBeGreaterThan(1e-3); // gain and centring
    }

    [Fact]
    public void Intervals_OfScores_HoldTheirMeans()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = model.Contrast(TinyModel.Tokens(model.Config, 6, 6, seed: 1), TinyModel.Tokens(model.Config, 6, 6, seed: 2), Metric.LogitDifference(3, 4));
        var (edges, nodes, heads) = (study.Edges(Method.Eap), study.Nodes(Method.Eap), study.Attribute(Sites.Z.ByHead()));
        foreach (var (interval, mean) in new[] { (edges.Interval(3, 30), edges.Values[3, 30]), (nodes.Interval(3), nodes.Values[3]), (heads.Interval(3), heads.Effect[0, 3]) })
        {
            interval.Low.ShouldBeLessThan(mean);
            interval.High.ShouldBeGreaterThan(mean);
        }
        edges.ByEdge.Count.ShouldBe(edges.Graph.EdgeCount);
        edges.Compare(study.Edges(Method.MaskGradient())).Pearson.ShouldBe(1, 1e-10);
    }

    [Fact]
    public void EdgeCount_Gpt2SmallShape_Is32491()
    {
        var small = new TransformerConfig { Layers = 12, DModel = 768, Heads = 12, DHead = 64, DMlp = 3072, DVocab = 50257, Context = 1024 };
        var count = new CircuitGraph(small).EdgeCount;
        Evidence.Record("circuit-graph", count == 32_491, $"{count:N0}");
        count.ShouldBe(32_491);
        new CircuitGraph(small with { ParallelBlocks = true }).EdgeCount.ShouldBe(32_347);
    }

    [Theory]
    [InlineData("llama")]
    public void Ungrouped_GroupedModel_ComputesTheSameAndSplitsItsKeys(string shape)
    {
        using var model = TinyModel.Random(Config(shape));
        using var ungrouped = model.Ungrouped();
        ungrouped.Config.KvHeads.ShouldBe(model.Config.Heads);
        Study(ungrouped).CleanMetric().ShouldBe(Study(model).CleanMetric(), 1e-12);
        var (own, split) = (Study(model).Edges(Method.Eap), Study(ungrouped).Edges(Method.Eap));
        var group = model.Config.Heads / model.Config.KvHeads;
        double Score(EdgeScores scores, HeadInput input, int head) =>
            scores.Values.Values[scores.Graph.Targets.IndexOf(new CircuitTarget(CircuitNodeKind.Head, 1, head, input))];
        foreach (var input in new[] { HeadInput.Key, HeadInput.Value })
            Score(own, input, 1).ShouldBe(Enumerable.Range(0, group).Sum(i => Score(split, input, group + i)), 1e-10);
    }

    internal static TransformerConfig Config(string shape) => shape switch
    {
        "gpt2" => TinyModel.Gpt2,
        "llama" => TinyModel.Llama,
        _ => TinyModel.Gpt2 with { ModelName = "tiny-parallel", ParallelBlocks = true, Positions = PositionKind.Rotary },
    };

    internal static Contrast Study(HookedTransformer model) => model.Contrast(
        TinyModel.Tokens(model.Config, 2, 6, seed: 1), TinyModel.Tokens(model.Config, 2, 6, seed: 2), Metric.LogitDifference([3, 5], [4, 6]));

    private static double Largest(LabelledArray values) => values.Values.ToArray().Max(Math.Abs);
}
