namespace Interp.Tests.Model.Circuits;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>What cannot be answered is refused, with the fact and the way out.</summary>
[Trait("Tier", "model")]
public sealed class BadInputTests
{
    [Fact]
    public void UnitsThatAModelDoesNotHave_AnyMethod_NameWhatThereIs()
    {
        using var grouped = TinyModel.Random(TinyModel.Llama);
        var study = InvariantTests.Study(grouped);
        Should.Throw<ArgumentOutOfRangeException>(() => study.Attribute(K.Head(3).ByHead())).Message.ShouldContain("No key-value head 3");
        Should.Throw<ArgumentOutOfRangeException>(() => study.AttributeWithQkFix(K.Head(3).ByHead())).Message.ShouldContain("No key-value head 3");
        var edges = study.Edges(Method.Eap).Top(3);
        Should.Throw<ArgumentException>(() => edges.Contains("a0.h0->a1.h3<k>")).Message.ShouldContain("2 for keys and values");
        edges.Contains("a0.h0->a1.h3<q>").ShouldBe(edges.Edges.Any(e => $"{e.Source}->{e.Target}" == "a0.h0->a1.h3<q>"));

        using var parallel = TinyModel.Random(InvariantTests.Config("parallel"));
        Should.Throw<ArgumentException>(() => InvariantTests.Study(parallel).Attribute(ResidMid.ByPosition())).Message.ShouldContain("Nearest");
        Should.Throw<ArgumentException>(() => InvariantTests.Study(parallel).AttributeWithGradDrop(ResidMid.ByPosition())).Message.ShouldContain("Nearest");

        using var normed = TinyModel.Random(TinyModel.Gpt2 with { PostNorms = true });
        Should.Throw<NotSupportedException>(() => InvariantTests.Study(normed).Edges(Method.Eap)).Message.ShouldContain("AttnOut");
        using var one = TinyModel.Random(TinyModel.Gpt2 with { Layers = 1 });
        Should.Throw<ArgumentException>(() => InvariantTests.Study(one).AttributeWithGradDrop(Z.ByHead())).Message.ShouldContain("one layer");
    }

    [Fact]
    public void MetricThatIsNotANumber_AnyEstimate_SaysWhichPrompt()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var (clean, corrupted) = (TinyModel.Tokens(model.Config, 2, 6, 1), TinyModel.Tokens(model.Config, 2, 6, 2));
        var bad = model.Contrast(clean, corrupted, Metric.Of("ratio", logits => logits.select(1, 3) / (logits.select(1, 4) * TorchSharp.torch.tensor(new[] { 1.0, 0.0 }))));
        foreach (var run in Estimates(bad))
            Should.Throw<InvalidOperationException>(run).Message.ShouldContain("on prompt 1");
    }

    [Fact]
    public void MetricThatDoesNotDependOnTheActivations_AnyEstimate_IsRefused()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var (clean, corrupted) = (TinyModel.Tokens(model.Config, 2, 6, 1), TinyModel.Tokens(model.Config, 2, 6, 2));
        foreach (var metric in new[] { Metric.Of("constant", logits => logits.select(1, 3) * 0), Metric.Of("detached", logits => logits.select(1, 3).detach()) })
            foreach (var run in Estimates(model.Contrast(clean, corrupted, metric)))
                Should.Throw<InvalidOperationException>(run).Message.ShouldContain("does not depend on");
    }

    [Fact]
    public void EqualRuns_NormalisedValues_AreRefused()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var tokens = TinyModel.Tokens(model.Config, 2, 6, 1);
        var study = model.Contrast(tokens, tokens, Metric.LogitDifference(3, 4));
        Should.Throw<InvalidOperationException>(() => study.Attribute(Z.ByHead()).Normalised).Message.ShouldContain("hardly differ");
        var edges = study.Edges(Method.Eap);
        edges.Values.Values.ToArray().ShouldAllBe(v => v == 0);
        Should.Throw<InvalidOperationException>(() => edges.Top(5).Faithfulness()).Message.ShouldContain("hardly differ");
        Should.Throw<InvalidOperationException>(() => edges.Curve()).Message.ShouldContain("hardly differ");
        Should.Throw<InvalidOperationException>(() => edges.Top(5).Minimality()).Message.ShouldContain("hardly differ");
    }

    [Fact]
    public void MethodsAndShares_OfAnotherKind_AreRefused()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var study = InvariantTests.Study(model);
        Should.Throw<ArgumentException>(() => study.Edges(Method.NodePaths())).Message.ShouldContain("use Nodes");
        Should.Throw<ArgumentException>(() => study.Nodes(Method.InformationFlow)).Message.ShouldContain("use Edges");
        Should.Throw<InvalidOperationException>(() => study.Nodes(Method.Exact).ByPosition).Message.ShouldContain("Patch(");
        Should.Throw<InvalidOperationException>(() => study.Nodes(Method.Exact).TopNeurons(3)).Message.ShouldContain("dimensions");
        Should.Throw<ArgumentOutOfRangeException>(() => Method.EapIg(0)).Message.ShouldContain("at least one step");
        Should.Throw<ArgumentOutOfRangeException>(() => Method.MaskGradient(-1));
        Should.Throw<ArgumentException>(() => study.Edges(Method.Eap).Curve(shares: [0.5, 0.2])).Message.ShouldContain("rising");
        Should.Throw<ArgumentException>(() => study.PatchDirectPaths(HeadInput.None)).Message.ShouldContain("Query, Key or Value");
        Should.Throw<ArgumentException>(() => study.AttributeWithQkFix(Q.ByHead(), together: true)).Message.ShouldContain("K.ByHead()");
        Should.Throw<ArgumentException>(() => study.AttributeWithQkFix(Z.ByHead())).Message.ShouldContain("use Attribute");
        using var deeper = TinyModel.Random(TinyModel.Gpt2 with { Layers = 4 });
        var other = InvariantTests.Study(deeper).Edges(Method.Eap).Top(5);
        Should.Throw<ArgumentException>(() => study.Edges(Method.Eap).Top(5).OverlapTest(other)).Message.ShouldContain("different graphs");
    }

    [Fact]
    public void EverythingHere_Done_LeavesNoTensor()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var study = InvariantTests.Study(model);
        LiveTensors.ShouldStayEqual(() =>
        {
            var edges = study.Edges(Method.Eap);
            foreach (var method in new[] { Method.MaskGradient(1), Method.InformationFlow, Method.EapIg(2), Method.EapIgActivations(1) })
                study.Edges(method);
            var nodes = study.Nodes(Method.Eap);
            study.Nodes(Method.NodePaths(2));
            nodes.TopNeurons(9).Faithfulness(CircuitAblation.Mean);
            edges.Curve(CircuitAblation.Zero, shares: [0.1, 1]);
            edges.Top(9).Minimality();
            study.PatchDirectPaths(HeadInput.Key, PathNorm.CachedScale);
            study.AttributeWithGradDrop(Q.ByHead());
            study.AttributeWithQkFix(K.ByHead(), together: true);
            model.Ungrouped().Dispose();
        });
    }

    private static Action[] Estimates(Contrast study) =>
    [
        () => study.Attribute(Z.ByHead()), () => study.AttributeWithQkFix(Q.ByHead()), () => study.Edges(Method.Eap), () => study.Edges(Method.EapIg(2)),
        () => study.Nodes(Method.Eap), () => study.Nodes(Method.NodePaths(2)), () => study.CleanPlan.AttributeZeroAblation(study.Metric, Z.ByHead()),
    ];
}
