namespace Interp.Tests.Model.Figures;

using System.Xml.Linq;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>Results draw themselves: what a figure's tooltips say are the result's own numbers.</summary>
[Trait("Tier", "model")]
public sealed class ResultFigureTests : IDisposable
{
    private static readonly XNamespace Ns = "http://www.w3.org/2000/svg";
    private readonly HookedTransformer model = Models.Load("induction-2l");

    public void Dispose() => model.Dispose();

    private static string[] Tips(Figure figure) => [.. XDocument.Parse(figure.Svg).Descendants(Ns + "title").Select(t => t.Value)];

    private static string[] Texts(Figure figure) => [.. XDocument.Parse(figure.Svg).Descendants(Ns + "text").Select(t => t.Value)];

    private Contrast Study(params string[] clean) => model.Contrast(
        clean, [.. clean.Select(text => text.Replace("owl fox", "owl jar", StringComparison.Ordinal))], Metric.LogitDifference(model.SingleToken(" fox"), model.SingleToken(" jar")));

    [Fact]
    public void PatchByPosition_SeveralPrompts_HasTokensOnTheAxis()
    {
        var one = Study("owl fox sun owl").Patch(ResidPre.ByPosition());
        var several = Study("owl fox sun owl", "owl fox ink owl").Patch(ResidPre.ByPosition());
        var own = one.Effect.AxisOf("pos").Labels.ToArray();
        own.ShouldContain(label => label.Contains("fox / ", StringComparison.Ordinal) && label.EndsWith("jar", StringComparison.Ordinal));
        var labels = several.Effect.AxisOf("pos").Labels.ToArray();
        labels.Where((_, i) => i != own.Length - 2).ShouldBe(own.Where((_, i) => i != own.Length - 2)); // sun in one, ink in the other
        labels[^2].ShouldBe(own[^2] + " / …");
        Texts(several.Heatmap()).ShouldContain(DisplayText.Visible(labels[^2]));
    }

    [Fact]
    public void PatchByLayer_SeveralPrompts_IsALineWithItsBand()
    {
        var result = Study("owl fox sun owl", "owl fox ink owl", "owl fox jar owl").Patch(ResidPre.At(Position.Last).ByLayer());
        var figure = result.LinePlot();
        Tips(figure).ShouldContain($"layer 1\nchange of logit difference {NumberText.Short(result.Effect[1])} [{NumberText.Short(result.Low[1])}, {NumberText.Short(result.High[1])}]");
        figure.Svg.ShouldContain("class=\"band k0\"");
        Study("owl fox sun owl").Patch(ResidPre.At(Position.Last).ByLayer()).LinePlot().Svg.ShouldNotContain("class=\"band k0\"");
    }

    [Fact]
    public void Compare_OfPatchingAndAttribution_ScattersEveryHead()
    {
        var study = Study("owl fox sun owl", "owl fox ink owl");
        var (truth, guess) = (study.Patch(Z.ByHead()), study.Attribute(Z.ByHead()));
        var tips = Tips(truth.Compare(guess).Scatter());
        tips.Length.ShouldBe(truth.Effect.Count);
        tips[0].ShouldStartWith("layer 0, head 0\n");
        tips[0].ShouldContain(NumberText.Short(truth.Effect[0, 0]));
        tips[0].ShouldEndWith(NumberText.Short(guess.Effect[0, 0]));
    }

    [Fact]
    public void PatchNull_Figure_MarksTheEffect()
    {
        var study = Study("owl fox sun owl", "owl fox ink owl");
        var figure = study.NullOfUnits(Z.ByHead(), size: 2, draws: 20).Figure(effect: 1.5);
        Texts(figure).ShouldContain("effect 1.500");
        Tips(figure).Sum(tip => int.Parse(tip.Split("count ")[1], null)).ShouldBe(20);
    }

    [Fact]
    public void Scores_OfNodesAndEdges_DrawThemselves()
    {
        var study = Study("owl fox sun owl");
        var nodes = study.Nodes(Interp.Method.Eap);
        var top = nodes.TopNodes(1)[0];
        Tips(nodes.Figure(3)).ShouldBe(nodes.TopNodes(3).Select(n => $"{n.Labels[0]}\n{nodes.Values.Quantity} {NumberText.Short(n.Value)}"));
        var edges = study.Edges(Interp.Method.Eap);
        edges.Heatmap().Title.ShouldBe("Edges by EAP");
        Tips(edges.Compare(edges).Scatter()).Length.ShouldBe(edges.Graph.EdgeCount);
        top.Labels.ShouldNotBeEmpty();
    }

    [Fact]
    public void Readings_OfARun_DrawThemselves()
    {
        using var run = model.On("owl fox sun owl").CaptureAll().Run();
        var parts = run.AttributeLogit(model.SingleToken(" fox"), model.SingleToken(" jar"), LogitParts.Heads, Position.Last);
        Tips(parts.Figure(count: 4)).Length.ShouldBe(4);
        var pairs = model.MinimalPairs([new("owl fox sun owl fox", "owl fox sun owl jar"), new("owl fox sun owl jar", "owl fox sun owl fox")]);
        Texts(pairs.Figure()).ShouldContain("2 minimal pairs: accuracy 0.500");
        var steps = Enumerable.Range(0, 5).Select(i => new TrainingStep(i * 10, 2.5 / (i + 1), 1e-3, 1));
        Tips(steps.LinePlot()).ShouldContain("loss\nstep 20\nloss 0.8333");
        Tips(new ActivationHistogram(0.5, [3, 0, 1]).Figure()).ShouldBe(["0.0 to 0.5000\ncount 3", "0.5000 to 1.000\ncount 0", "1.000 to 1.500\ncount 1"]);
    }

    [Fact]
    public void LensEvaluation_Figure_HasALineForEachLens()
    {
        LabelledArray Table(params double[] values) => new([new Axis("lens", ["logit lens", "tuned lens"]), new Axis("layer", 3)], values, "KL (nats)");
        var figure = new LensEvaluation { Kl = Table(3, 2, 0, 1, 0.5, 0), CrossEntropy = Table(3, 2, 1, 2, 1, 1), Bias = Table(0, 0, 0, 0, 0, 0), Tokens = 40 }.Figure();
        Tips(figure).ShouldContain("tuned lens\nlayer 1\nKL (nats) 0.5000");
        Texts(figure).ShouldContain("logit lens");
    }
}
