namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class AblationTests
{
    private static readonly RunInput Prompts = TinyModel.Tokens(TinyModel.Gpt2, 3, 6, seed: 1);
    private static readonly RunInput Others = TinyModel.Tokens(TinyModel.Gpt2, 3, 6, seed: 2);

    [Fact]
    public void Ablate_MeanPerPosition_EqualsReplacingByTheMeanOfTheBatch()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        using var run = model.On(Others).Capture(Z).Run();
        var unit = Z[1].Head(2);
        var mean = run[Z[1]].mean([0L])[TensorIndex.Ellipsis, 2, TensorIndex.Colon]; // [pos, d_head]
        Same(model.On(Prompts).Ablate(unit, Ablation.MeanOver(model.On(Others))), model.On(Prompts).Replace(unit, mean));
    }

    [Fact]
    public void Ablate_MeanOverAllTokens_EqualsReplacingByTheMeanOfTheTokens()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        using var run = model.On(Others).Capture(MlpOut).Run();
        var unit = MlpOut[0].At(Position.Last);
        Same(model.On(Prompts).Ablate(unit, Ablation.MeanOver(model.On(Others), perPosition: false)), model.On(Prompts).Replace(unit, run[MlpOut[0]].mean([0L, 1L])));
    }

    [Fact]
    public void Ablate_Resample_EqualsReplacingByTheOtherPromptsValues()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(Others).Capture(AttnOut).Run();
        Same(model.On(Prompts).Ablate(AttnOut[2], Ablation.Resample(model.On(Others))), model.On(Prompts).Replace(AttnOut[2], run[AttnOut[2]]));
    }

    [Fact]
    public void Ablate_Noise_IsTheSameForTheSameSeedAndAnotherForAnother()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        Tensor Logits(long seed) => model.On(Prompts).Ablate(Embed, Ablation.Noise(0.5, seed)).Logits();
        Logits(1).Equals(Logits(1)).ShouldBeTrue();
        Logits(1).Equals(Logits(2)).ShouldBeFalse();
    }

    [Fact]
    public void Ablate_InVariants_EqualsOneRunForEach()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var scope = NewDisposeScope();
        var zero = new Variant("zero", new Edit(Z[0].Head(1), Interventions.Zero()));
        var scaled = new Variant("scaled", new Edit(MlpOut[1], Interventions.Scale(2)));
        var both = model.On(Prompts).Variants(zero, scaled).Logits();
        (both.narrow(0, 0, 3) - model.On(Prompts).Zero(Z[0].Head(1)).Logits()).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        (both.narrow(0, 3, 3) - model.On(Prompts).Scale(MlpOut[1], 2).Logits()).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    private static void Same(RunPlan actual, RunPlan expected)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (actual.Logits(), expected.Logits());
        (a - b).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        (a - actual.Model.On(actual.Input).Logits()).abs().max().ToDouble().ShouldBeGreaterThan(1e-3);
    }
}
