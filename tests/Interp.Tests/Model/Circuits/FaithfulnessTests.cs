namespace Interp.Tests.Model.Circuits;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>Curves and areas, kinds of ablation, node and neuron circuits, minimality and overlap.</summary>
[Trait("Tier", "model")]
public sealed class FaithfulnessTests
{
    [Theory]
    [InlineData(CircuitAblation.Resample)]
    [InlineData(CircuitAblation.Zero)]
    [InlineData(CircuitAblation.Mean)]
    public void Curve_EveryAblation_EndsAtOneAndAreasAreTrapezoids(CircuitAblation ablation)
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var scores = InvariantTests.Study(model).Edges(Method.Eap);
        var curve = scores.Curve(ablation, shares: [0.1, 0.3, 1]);
        var f = curve.Faithfulness.Values.ToArray();
        f[2].ShouldBe(1, 1e-10);
        for (var i = 0; i < 2; i++)
            f[i].ShouldBe(scores.Top((int)(curve.Shares[i] * scores.Graph.EdgeCount)).Pruned().Faithfulness(ablation), 1e-9);
        curve.Cpr.ShouldBe(0.2 * (f[0] + f[1]) / 2 + 0.7 * (f[1] + f[2]) / 2, 1e-12);
        curve.Cmd.ShouldBe(0.2 * (Math.Abs(1 - f[0]) + Math.Abs(1 - f[1])) / 2 + 0.7 * Math.Abs(1 - f[1]) / 2, 1e-12);
        curve.Sizes[2].ShouldBe(scores.Graph.EdgeCount);
        curve.Plot().Svg.ShouldContain("faithfulness");
        scores.Top(0).Faithfulness(ablation).ShouldBe(0, 1e-10);
    }

    [Fact]
    public void Metric_ZeroAblationOfEverything_IsAModelWithoutNodes()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = InvariantTests.Study(model);
        var nothing = model.On(study.Clean).Zero(Sites.Embed).Zero(Sites.Z).Apply(Sites.MlpOut, x => x * 0);
        var expected = study.Measured(nothing).Average();
        study.Edges(Method.Eap).Top(0).Metric(CircuitAblation.Zero).ShouldBe(expected, 1e-10);
    }

    [Fact]
    public void Metric_MeanAblation_IsTheRunWithMeansOfTheCorruptedPrompts()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = InvariantTests.Study(model);
        using var corrupted = model.On(study.Corrupted).Capture(Sites.Z, Sites.MlpOut, Sites.Embed).Run();
        var plan = model.On(study.Clean).Apply(Sites.Embed, x => corrupted[Sites.Embed].mean([0], keepdim: true).expand_as(x));
        for (var layer = 0; layer < 3; layer++)
        {
            var (z, mlp) = (corrupted[Sites.Z[layer]].mean([0], keepdim: true), corrupted[Sites.MlpOut[layer]].mean([0], keepdim: true));
            plan = plan.Apply(Sites.Z[layer], x => z.expand_as(x)).Apply(Sites.MlpOut[layer], x => mlp.expand_as(x));
        }
        study.Edges(Method.Eap).Top(0).Metric(CircuitAblation.Mean).ShouldBe(study.Measured(plan).Average(), 1e-10);
    }

    [Fact]
    public void NodeCircuit_AllNodesAndNone_AreTheTwoRuns()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var study = InvariantTests.Study(model);
        var nodes = study.Nodes(Method.Eap);
        nodes.Top(100).Metric().ShouldBe(study.CleanMetric().Average(), 1e-10);
        var some = nodes.Top(4);
        some.Nodes.Count().ShouldBe(5); // the input is always there
        var best = nodes.TopNodes(20).First(t => t.Labels[0] != "input").Labels[0];
        some.Nodes.Select(n => n.ToString()).ShouldContain(best);
        var curve = nodes.Curve(shares: [0.2, 1]);
        curve.Faithfulness.Values[1].ShouldBe(1, 1e-10);
    }

    [Theory]
    [MemberData(nameof(InvariantTests.Shapes), MemberType = typeof(InvariantTests))]
    public void NeuronCircuit_WholeNodes_EqualsPatchingTheOtherNodes(string shape)
    {
        using var model = TinyModel.Random(InvariantTests.Config(shape));
        var study = InvariantTests.Study(model);
        var scores = study.Nodes(Method.Eap);
        var all = scores.TopNeurons(int.MaxValue);
        all.Metric().ShouldBe(study.CleanMetric().Average(), 1e-10);
        scores.TopNeurons(0).Metric().ShouldBe(study.CorruptedMetric().Average(), 1e-10);
        using var runner = new NeuronRunner(study, scores.Graph, CircuitAblation.Resample, default);
        var patched = study.Noising().Patch(Sites.Z.ByHead());
        var node = scores.Graph.FirstSource(1) + 2;
        runner.Measure((n, _) => n != node, default).ShouldBe(patched.PerPrompt(1 * 4 + 2), 1e-10);
        scores.NeuronCurve(shares: [0.5, 1]).Faithfulness.Values[1].ShouldBe(1, 1e-10);
        scores.TopNeurons(7).CountByNode.Sum().ShouldBe(7);
    }

    [Fact]
    public void Minimality_OfEachNode_IsTheFaithfulnessLostWithoutIt()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var circuit = InvariantTests.Study(model).Edges(Method.Eap).Greedy(40).Pruned();
        var minimality = circuit.Minimality();
        var nodes = circuit.Nodes.ToArray();
        for (var i = 0; i < nodes.Length; i += 3)
            minimality.Values[i].ShouldBe(circuit.Faithfulness() - circuit.Without(nodes[i]).Faithfulness(), 1e-9);
        minimality.Count.ShouldBe(nodes.Length);
    }

    [Fact]
    public void RandomFaithfulness_CircuitOfAllEdges_IsOneAndOfHalfIsNot()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var edges = InvariantTests.Study(model).Edges(Method.Eap);
        edges.Top(edges.Graph.EdgeCount).RandomFaithfulness(2).Values.ToArray().ShouldAllBe(f => Math.Abs(f - 1) < 1e-10);
        var half = edges.Top(edges.Graph.EdgeCount / 2).RandomFaithfulness(5, seed: 1);
        half.Values.ToArray().ShouldBe(edges.Top(edges.Graph.EdgeCount / 2).RandomFaithfulness(5, seed: 1).Values.ToArray());
        half.Values.ToArray().Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public void OverlapTest_SameAndRandomCircuits_TellApart()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = InvariantTests.Study(model);
        var (eap, exact) = (study.Edges(Method.Eap), study.Edges(Method.Exact));
        var own = eap.Top(20).OverlapTest(exact.Top(20), permutations: 2000);
        own.Shared.ShouldBe((int)Math.Round(own.Jaccard * 40 / (1 + own.Jaccard)));
        own.PValue.ShouldBeLessThan(0.001);
        var edges = eap.Graph.EdgeCount;
        own.Expected.ShouldBe(20.0 * 20 / edges, 0.15); // the mean of the hypergeometric distribution
        own.Null.High.ShouldBeLessThan(own.Shared);
        var all = eap.Top(edges).OverlapTest(exact.Top(20), permutations: 100);
        all.PValue.ShouldBe(1);
        all.Shared.ShouldBe(20);
    }
}
