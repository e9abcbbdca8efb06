namespace Interp.Tests.Science.Tasks;

using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>The indirect-object circuit of tinyworld is the same whichever method looks for it.</summary>
[Trait("Tier", "science")]
public sealed class TinyWorldCircuitTests
{
    [Fact]
    public void IndirectObject_PatchingAcdcAndEapIg_FindOneCircuit()
    {
        using var model = Models.Load("tinyworld");
        // "When Mary and John went to the store, John gave the ring to": one template, so that all prompts have one shape.
        var study = model.Contrast(World.IndirectObject.Prompts(model.Tokenizer!, Evidence.Full ? 24 : 6, seed: 7, template: 0));
        var exact = study.Edges(Method.Exact);
        var estimate = study.Edges(Method.EapIg(8));
        var acdc = study.FindByAcdc(threshold: 0.05).Circuit;
        var (patched, estimated) = (exact.Top(acdc.Count), estimate.Top(acdc.Count));
        foreach (var (name, one, other) in new[] { ("patching and EAP-IG", patched, estimated), ("patching and ACDC", patched, acdc), ("ACDC and EAP-IG", acdc, estimated) })
        {
            var overlap = one.OverlapTest(other, permutations: 2000);
            Evidence.Record("organism-circuits", overlap.PValue < 0.001, $"{name}: {overlap}, of {acdc.Count} edges each in {acdc.Graph.EdgeCount}");
            overlap.PValue.ShouldBeLessThan(0.001, name);
            overlap.Jaccard.ShouldBeGreaterThan(0.25, name);
        }
        var comparison = estimate.Compare(exact);
        Evidence.Record("organism-circuits", comparison.Pearson > 0.8, $"all edges, EAP-IG against patching: {comparison}");
        comparison.Pearson.ShouldBeGreaterThan(0.8);

        // One edge in twenty does what the model does, and chance does not.
        var strongest = exact.Top(exact.Graph.EdgeCount / 20 + 1);
        var (own, chance) = (strongest.Faithfulness(), strongest.RandomFaithfulness(draws: 10).Values.ToArray().Max());
        Evidence.Record("organism-circuits", own > 0.7, $"{strongest.Count} strongest edges: faithfulness {own:P0}, the best of ten random circuits {chance:P0}; of {acdc.Count}, as many as ACDC keeps: {patched.Faithfulness():P0}");
        own.ShouldBeGreaterThan(Math.Max(0.7, chance));
    }

    [Fact]
    public void IndirectObject_Heads_AreReadAtTheSecondMention()
    {
        using var model = Models.Load("tinyworld");
        var study = model.Contrast(World.IndirectObject.Prompts(model.Tokenizer!, 16, seed: 7, template: 0));
        var stream = study.Patch(ResidPre.ByPosition()).Normalised;
        var second = study.Clean.Rows[0].Length - 5; // "John gave the ring to": the name that differs
        stream[0, second].ShouldBe(1, 1e-3);
        stream[0, second + 4].ShouldBe(0, 1e-6);
        stream[^1, study.Clean.Rows[0].Length - 1].ShouldBeGreaterThan(0.5); // before the last layer it stands at the last token
    }
}
