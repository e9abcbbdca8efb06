namespace Interp.Tests.Model.Circuits;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "model")]
public sealed class CircuitTests
{
    [Fact]
    public void Save_ThenLoad_GivesTheSameEdgesAndScores()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Random(TinyModel.Llama);
        var study = Study(model);
        var circuit = study.Edges(Method.Eap).Top(12);
        circuit.Save(folder.File("circuit.json"));
        var loaded = study.LoadCircuit(folder.File("circuit.json"));
        loaded.Edges.ShouldBe(circuit.Edges);
        loaded.Metric().ShouldBe(circuit.Metric());
    }

    [Fact]
    public void LoadCircuit_OfAnotherShape_SaysBothShapes()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Random(TinyModel.Llama);
        using var other = TinyModel.Random(TinyModel.Gpt2 with { Layers = 2 });
        Study(model).Edges(Method.Eap).Top(3).Save(folder.File("circuit.json"));
        Should.Throw<InvalidDataException>(() => Study(other).LoadCircuit(folder.File("circuit.json"))).Message.ShouldContain("3 layers");
        File.WriteAllText(folder.File("none.json"), "[1");
        Should.Throw<InvalidDataException>(() => Study(other).LoadCircuit(folder.File("none.json"))).Message.ShouldContain("no circuit file");
    }

    [Fact]
    public void Draw_ShowsEveryNodeAndEdgeOnce()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var circuit = Study(model).Edges(Method.Eap).Greedy(10).Pruned();
        var svg = circuit.Draw().Svg;
        foreach (var (source, target, _) in circuit.Edges)
            svg.ShouldContain($"{source} → {System.Net.WebUtility.HtmlEncode(target.ToString())}");
        svg.Split("class=\"e ").Length.ShouldBe(circuit.Count + 1);
    }

    [Fact]
    public void Contains_UnknownEdge_SaysHowEdgesAreWritten()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var circuit = Study(model).Edges(Method.Eap).Top(5);
        Should.Throw<ArgumentException>(() => circuit.Contains("a2.h0->a1.h0<q>")).Message.ShouldContain("a1.h3<k>");
        Should.Throw<ArgumentException>(() => circuit.Contains("nonsense"));
        circuit.Contains("m2->logits").ShouldBe(circuit.Edges.Any(e => $"{e.Source}->{e.Target}" == "m2->logits"));
    }

    private static Contrast Study(HookedTransformer model) => model.Contrast(
        TinyModel.Tokens(model.Config, 2, 6, seed: 1), TinyModel.Tokens(model.Config, 2, 6, seed: 2), Metric.LogitDifference(3, 4));
}
