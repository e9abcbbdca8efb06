namespace Interp.Tests.Science.Circuits;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>Induction, as the field knows it: a previous-token head, an induction head, and the key edge between them.</summary>
[Trait("Tier", "science")]
public sealed class InductionCircuitTests
{
    // The training's penalty on heads has left one previous-token head and one induction head.
    [Fact]
    public void BundledModel_InductionTask_TopHeadsAndTheKeyEdgeAreTheKnownOnes()
    {
        using var model = Models.Load("induction-2l");
        using var run = model.On(InductionOrganism.Task.Sequences(32, seed: 11).Input).Capture(Pattern).Run();
        var previous = run.Cache.PreviousTokenScores()["layer", 0].Top(1)[0].Indices[0];
        var induction = model.InductionScores(period: 8)["layer", 1].Top(1)[0].Indices[0];
        var study = model.Contrast(InductionOrganism.Task.Prompts(32, seed: 5));
        foreach (var (name, effect) in new[] { ("patching", study.Patch(Z.ByHead()).Effect), ("attribution", study.Attribute(Z.ByHead()).Effect) })
        {
            var two = effect.Top(2).Select(t => (Layer: t.Indices[0], Head: t.Indices[1])).Order().ToArray();
            var holds = two.SequenceEqual([(0, previous), (1, induction)]);
            Evidence.Record("circuit-induction-two", holds, $"{name}: {string.Join(", ", two.Select(h => $"{h.Layer}.{h.Head}"))}; by attention 0.{previous} and 1.{induction}");
            holds.ShouldBeTrue(name);
        }
        var acdc = model.Contrast(InductionOrganism.Task.Prompts(4, seed: 6)).FindByAcdc(0.05).Circuit;
        var edge = $"a0.h{previous}->a1.h{induction}<k>";
        Evidence.Record("circuit-induction-two", acdc.Contains(edge), $"ACDC: {acdc.Count} of {acdc.Graph.EdgeCount} edges, {edge} among them");
        acdc.Contains(edge).ShouldBeTrue();
    }

    [SkippableFact]
    public void OneHeadModel_EdgesIntoTheInductionHead_KeyCarriesFourFifths()
    {
        using var model = Models.Load(Repository.Shared("models", "induction-2l-attn-only-trained"));
        var (clean, corrupted, right, wrong) = Prompts(64);
        var study = model.Contrast(RunInput.Of(clean), RunInput.Of(corrupted), Metric.LogitDifference(right, wrong));
        foreach (var one in new[] { study, study.Noising() })
        {
            var edges = one.Edges(Method.Exact);
            double Effect(string source, string target) => Math.Abs(edges.Values[edges.Values.AxisOf("source").IndexOf(source), edges.Values.AxisOf("target").IndexOf(target)]);
            var all = new[] { "input", "a0.h0" }.Sum(s => Effect(s, "a1.h0<q>") + Effect(s, "a1.h0<k>"));
            var share = Effect("a0.h0", "a1.h0<k>") / all;
            Evidence.Record("circuit-one-head", share >= 0.8, $"{one.Direction}: {share:P1} of {Evidence.Text(all)}");
            share.ShouldBeGreaterThanOrEqualTo(0.8);
        }
    }

    // Eight letters of which the last was there once before; corrupted: the letters behind its earlier place and behind another have changed owners.
    private static (int[][] Clean, int[][] Corrupted, int[] Right, int[] Wrong) Prompts(int count)
    {
        var random = new Random(3);
        List<int[]> clean = [], corrupted = [];
        List<int> right = [], wrong = [];
        while (clean.Count < count)
        {
            var letters = Enumerable.Range(0, 26).ToArray();
            random.Shuffle(letters);
            var row = letters[..8];
            var (cue, decoy) = (random.Next(6), random.Next(6));
            if (Math.Abs(cue - decoy) < 2)
                continue;
            row[7] = row[cue];
            var other = row.ToArray();
            (other[cue], other[decoy]) = (other[decoy], other[cue]);
            clean.Add(row);
            corrupted.Add(other);
            right.Add(row[cue + 1]);
            wrong.Add(row[decoy + 1]);
        }
        return ([.. clean], [.. corrupted], [.. right], [.. wrong]);
    }
}
