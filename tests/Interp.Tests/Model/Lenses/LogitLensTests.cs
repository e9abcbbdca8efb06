namespace Interp.Tests.Model.Lenses;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>The logit lens on tiny random models.</summary>
[Trait("Tier", "model")]
public sealed class LogitLensTests
{
    public static TheoryData<string> Configs => ["gpt2", "llama", "none"];

    [Theory]
    [MemberData(nameof(Configs))]
    public void LogitLens_LastRow_IsTheModelsLogits(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Config(name));
        using var run = model.On(TinyModel.Tokens(model.Config, 3, 7, 0)).Capture(ResidPre, ResidMid, ResidPost).Run();
        using var lens = run.LogitLens();
        lens.Labels.ShouldBe(["0_pre", "0_mid", "1_pre", "1_mid", "2_pre", "2_mid", "final_post"]);
        (lens.Logits[^1] - run.Logits).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    [Theory]
    [MemberData(nameof(Configs))]
    public void LogitLensAtFinalScale_LastRow_IsTheModelsLogitsOnRawWeights(string name)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(Config(name));
        using var run = model.On(TinyModel.Tokens(model.Config, 3, 7, 0)).Capture(ResidPost).Run();
        using var lens = run.LogitLensAtFinalScale();
        lens.Labels.ShouldBe(["0_post", "1_post", "final_post"]);
        (lens.Logits[^1] - run.Logits).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    [Fact]
    public void LogitLens_AtPositions_IsThatPartOfTheWholeLens()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var prompts = RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]]);
        using var run = model.On(prompts).Capture(ResidPost).Run();
        using var part = model.On(prompts).Capture(ResidPost.At(Position.Last)).Run();
        using var whole = run.LogitLens();
        using var last = run.LogitLens(Position.Last);
        using var captured = part.LogitLens();
        last.Logits.shape.ShouldBe([3, 2, 1, 29]);
        for (var prompt = 0; prompt < 2; prompt++)
        {
            var wanted = whole.Logits[.., prompt, prompt == 0 ? 2 : 4];
            (last.Logits[.., prompt, 0] - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-12);
            (captured.Logits[.., prompt, 0] - wanted).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        }
        using var second = run.LogitLens(1..3);
        (second.Logits - whole.Logits[.., .., 1..3]).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    [Fact]
    public void Readings_OfOneRow_AreTheirDefinitions()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 5, 1)).Capture(ResidPost).Run();
        using var lens = run.LogitLens();
        var logits = GoldenCompare.Doubles(lens.Logits[1, 1, 3]);
        var total = logits.Sum(Math.Exp);
        var p = logits.Select(l => Math.Exp(l) / total).ToArray();
        var final = GoldenCompare.Doubles(lens.Logits[2, 1, 3].softmax(-1));
        lens.LogitDifference(4, 9)[1, 1, 3].ShouldBe(logits[4] - logits[9], 1e-12);
        lens.LogitDifference([0, 4], [1, 9])[1, 1, 3].ShouldBe(logits[4] - logits[9], 1e-12);
        lens.Probability(7)[1, 1, 3].ShouldBe(p[7], 1e-12);
        lens.Rank(7)[1, 1, 3].ShouldBe(logits.Count(l => l > logits[7]));
        lens.Entropy()[1, 1, 3].ShouldBe(-p.Sum(q => q * Math.Log(q)), 1e-12);
        lens.KlFrom()[1, 1, 3].ShouldBe(final.Zip(p, (f, q) => f * Math.Log(f / q)).Sum(), 1e-12);
        lens.KlFrom().Values.ToArray().ShouldAllBe(v => v >= -1e-12);
        lens.KlFrom()["layer", ^1].Values.ToArray().ShouldAllBe(v => Math.Abs(v) < 1e-12);
        var best = Enumerable.Range(0, p.Length).MaxBy(i => p[i]);
        lens.Top(3, prompt: 1)[1, 3].Token.ShouldBe(best.ToString());
        lens.Top(3, prompt: 1)[1, 3].Probability.ShouldBe(p[best], 1e-12);
        lens.Top(3, prompt: 1)[1, 3].Top.Count.ShouldBe(3);
        lens.Figure().Html.ShouldContain("final_post");
    }

    [Fact]
    public void LogitLens_NothingCaptured_SaysWhatToCapture()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On([1, 2, 3]).Run();
        Should.Throw<InvalidOperationException>(() => run.LogitLens()).Message.ShouldContain("Capture(ResidPost)");
        using var early = model.On([1, 2, 3]).Capture(ResidPre).Run();
        Should.Throw<KeyNotFoundException>(() => early.LogitLensAtFinalScale()).Message.ShouldContain("ln_final.hook_scale");
    }

    [Fact]
    public void LogitLens_Disposed_LeavesNoTensor()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        using (var run = model.On([1, 2, 3]).Capture(ResidPost).Run())
        using (var lens = run.LogitLens())
        {
            lens.Top().ToString().ShouldContain("final_post");
            lens.Entropy();
        }
        scope.DisposablesCount.ShouldBe(0);
    }

    private static TransformerConfig Config(string name) => name switch
    {
        "gpt2" => TinyModel.Gpt2,
        "llama" => TinyModel.Llama,
        _ => TinyModel.Gpt2 with { Norm = NormKind.None },
    };
}
