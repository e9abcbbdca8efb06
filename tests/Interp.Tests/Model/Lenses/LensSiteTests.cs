namespace Interp.Tests.Model.Lenses;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>The lens at sites other than the stream, and divergences between layers and models.</summary>
[Trait("Tier", "model")]
public sealed class LensSiteTests
{
    [Fact]
    public void LogitLens_OfSites_ReadsWhatEachWrote()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Llama);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 5, 0)).CaptureAll().Run();
        using var lens = run.LogitLens([Embed, AttnOut[1], MlpOut, Z[1].Head(2), Z[2], MlpPost[0].Neuron(new[] { 3, 17 }), ResidPost[^1]]);
        lens.Labels.ShouldBe(
            ["embed", "1_attn_out", "0_mlp_out", "1_mlp_out", "2_mlp_out", "L1H2", "L2H0", "L2H1", "L2H2", "L2H3", "L0N3", "L0N17", "final_post"]);
        using var heads = run.Cache.StackHeadResults();
        using var neurons = run.Cache.StackNeuronResults();
        Same(lens.Logits[1], Read(model, run.Cache[AttnOut[1]]));
        Same(lens.Logits[5], Read(model, heads["L1H2"]));
        Same(lens.Logits[11], Read(model, neurons["L0N17"]));
        Same(lens.Logits[^1], run.Logits);
        using var last = run.LogitLens([Z[1].Head(2)], Position.Last);
        Same(last.Logits, lens.Logits[5..6, .., 4..5]);
    }

    [Fact]
    public void LogitLens_OfSitesAtTheCachedScale_AddsUpToTheLogits()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 5, 0)).CaptureAll().Run();
        using var parts = run.LogitLens([Embed, PosEmbed, AttnOut, MlpOut], norm: RowNorm.CachedScale);
        var constant = model.LogitConstant(arange(29)); // each row holds it once
        Same((parts.Logits - constant).sum(0L) + constant, run.Logits);
    }

    [Fact]
    public void LogitLens_OfResults_EqualsThatOfZ()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On([1, 2, 3]).Capture(Result, Z, QInput).Run();
        using var results = run.LogitLens([Result[1].Head(3)]);
        using var z = run.LogitLens([Z[1].Head(3)]);
        results.Labels.ShouldBe(z.Labels);
        Same(results.Logits, z.Logits);
        using var inputs = run.LogitLens([QInput[0]]);
        inputs.Labels[2].ShouldBe("blocks.0.hook_q_input 2");
        Same(inputs.Logits[0], inputs.Logits[2]);
    }

    [Fact]
    public void LogitLens_OfAnotherShape_SaysSo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On([1, 2, 3]).CaptureAll().Run();
        foreach (var site in new[] { Pattern, Q, MlpPre, Ln1Scale, V })
            Should.Throw<ArgumentException>(() => run.LogitLens([site])).Message.ShouldContain($"{site} has axes [{string.Join(", ", site.Axes)}]");
        Should.Throw<ArgumentException>(() => run.LogitLens([ResidPost.At(2)])).Message.ShouldContain("positions of its own");
        Should.Throw<ArgumentException>(() => run.LogitLens([ResidPost.Neuron(2)])).Message.ShouldContain("whole");
        Should.Throw<ArgumentException>(() => run.LogitLens([])).Message.ShouldContain("no site");
        Should.Throw<ArgumentOutOfRangeException>(() => run.LogitLens([Z.Head(7)])).Message.ShouldContain("head 7");
        Should.Throw<KeyNotFoundException>(() => run.LogitLens([Result])).Message.ShouldContain("not captured");
    }

    [Fact]
    public void KlBetweenLayers_OfPaddedPrompts_AreMeansOverRealTokens()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]])).Capture(ResidPost).Run();
        using var lens = run.LogitLens();
        var table = lens.KlBetweenLayers();
        table.Shape.ShouldBe([3, 3]);
        for (var reference = 0; reference < 3; reference++)
        {
            var from = lens.KlFrom(reference);
            for (var layer = 0; layer < 3; layer++)
            {
                double[] real = [.. Enumerable.Range(0, 3).Select(p => from[layer, 0, p]), .. Enumerable.Range(0, 5).Select(p => from[layer, 1, p])];
                table[reference, layer].ShouldBe(real.Average(), 1e-12);
            }
        }
    }

    [Fact]
    public void KlFrom_AnotherModel_IsItsDefinition()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var other = TinyModel.Random(TinyModel.Llama, seed: 1);
        using var run = model.On([1, 2, 3]).Capture(ResidPost).Run();
        using var second = other.On([1, 2, 3]).Capture(ResidPost).Run();
        using var lens = run.LogitLens();
        using var reference = second.LogitLens();
        var (p, q) = (reference.Logits.softmax(-1), lens.Logits.softmax(-1));
        var wanted = (p * (p / q).log()).sum(-1);
        lens.KlFrom(reference)[1, 0, 2].ShouldBe(wanted[1, 0, 2].ToDouble(), 1e-12);
        lens.KlFrom(lens).Values.ToArray().ShouldAllBe(v => Math.Abs(v) < 1e-12);
        using var thin = run.LogitLens(Position.Last);
        Should.Throw<ArgumentException>(() => lens.KlFrom(thin)).Message.ShouldContain("[3, 1, 1, 29]");
    }

    [Fact]
    public void Readings_OfANarrowType_AreTakenInFloat32()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.BFloat16);
        using var run = model.On([1, 2, 3]).Capture(ResidPre, ResidPost).Run();
        using var lens = run.LogitLens();
        var wide = lens.Logits.to(ScalarType.Float64).log_softmax(-1);
        lens.Probability(7)[1, 0, 2].ShouldBe(wide[1, 0, 2, 7].exp().ToDouble(), 1e-6);
        lens.Entropy()[0, 0, 1].ShouldBe(-(wide[0, 0, 1].exp() * wide[0, 0, 1]).sum().ToDouble(), 1e-5);
        var kl = (wide[3].exp() * (wide[3] - wide[1])).sum(-1);
        lens.KlFrom()[1, 0, 2].ShouldBe(kl[0, 2].ToDouble(), 1e-5);
        lens.KlBetweenLayers()[3, 1].ShouldBe(kl.mean().ToDouble(), 1e-5);
        using var tuned = TunedLens.Zero(model);
        tuned.Evaluate(model, [run.Input]).Kl[1, 1].ShouldBe(kl.mean().ToDouble(), 1e-5);
    }

    private static Tensor Read(HookedTransformer model, Tensor x) => ((Norm)model.FinalNorm).Apply(x).matmul(model.WU) + model.BU;

    private static void Same(Tensor ours, Tensor wanted)
    {
        ours.shape.ShouldBe(wanted.shape);
        (ours - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-10);
    }
}
