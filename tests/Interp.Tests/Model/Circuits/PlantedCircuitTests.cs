namespace Interp.Tests.Model.Circuits;

using Shouldly;
using Xunit;

/// <summary>A circuit that is known is found, and nothing else.</summary>
[Trait("Tier", "model")]
public sealed class PlantedCircuitTests
{
    [Fact]
    public void FindByAcdc_PlantedCircuit_IsFoundEdgeForEdge()
    {
        using var model = PlantedCircuit.Model();
        foreach (var order in Enum.GetValues<AcdcOrder>())
        {
            var found = PlantedCircuit.Study(model).FindByAcdc(0.001, order);
            Evidence.Record("circuit-planted", Names(found.Circuit).SequenceEqual(PlantedCircuit.Edges.Order()), $"ACDC, {order}: {found.Circuit.Count} of {found.Circuit.Graph.EdgeCount} edges");
            Names(found.Circuit).ShouldBe(PlantedCircuit.Edges.Order());
            found.Circuit.Faithfulness().ShouldBe(1, 1e-12);
        }
    }

    [Fact]
    public void Greedy_EapIgOnPlantedCircuit_IsFoundEdgeForEdge()
    {
        using var model = PlantedCircuit.Model();
        var study = PlantedCircuit.Study(model);
        foreach (var one in new[] { study, study.Noising() })
        {
            var scores = one.Edges(Method.EapIg(5));
            var circuit = scores.Greedy(PlantedCircuit.Edges.Length);
            Evidence.Record("circuit-planted", Names(circuit).SequenceEqual(PlantedCircuit.Edges.Order()), $"EAP-IG greedy, {one.Direction}: {circuit.Count} of {circuit.Graph.EdgeCount} edges");
            Names(circuit).ShouldBe(PlantedCircuit.Edges.Order());
            scores.Above(1e-12).Count.ShouldBe(PlantedCircuit.Edges.Length); // the idle parts carry differences and score nothing
            circuit.Faithfulness().ShouldBe(1, 1e-12);
            circuit.Incompleteness().ShouldBe(0, 1e-12);
            circuit.Minimality().Values.ToArray().ShouldAllBe(lost => lost > 0.2);
        }
    }

    [Fact]
    public void Eap_ReluOffInTheCorruptedRun_MissesWhatEapIgFinds()
    {
        using var model = PlantedCircuit.Model();
        var study = PlantedCircuit.Study(model);
        study.Edges(Method.Eap).Values["source", "a0.h0"]["target", "m0"].Sum().ShouldBe(0);
        study.Edges(Method.EapIg(5)).Values["source", "a0.h0"]["target", "m0"].Sum().ShouldBeGreaterThan(0.1);
    }

    private static IEnumerable<string> Names(Circuit circuit) => circuit.Edges.Select(e => $"{e.Source}->{e.Target}").Order();
}
