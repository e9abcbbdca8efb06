namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Runs that start late, stop early, or ask for no logits or few.</summary>
[Trait("Tier", "model")]
public sealed class PartialRunTests : IDisposable
{
    private static readonly RunInput Prompts = TinyModel.Tokens(TinyModel.Llama, 2, 6, seed: 1);
    private readonly HookedTransformer model = TinyModel.Random(TinyModel.Llama);

    public void Dispose() => model.Dispose();

    [Theory]
    [InlineData("ln_final.hook_scale")]
    [InlineData("ln_final.hook_normalized")]
    [InlineData("unembed.hook_in")]
    [InlineData("unembed.hook_out")]
    public void Capture_BehindTheLastBlock_IsTheSameWhateverLogitsAreAsked(string name)
    {
        var plan = model.On(Prompts).Capture(HookName.Parse(name));
        using var whole = plan.Run();
        using var none = plan.WithoutLogits().Run();
        using var few = plan.LogitsAt(Position.Last).Run();
        whole.Cache[name].shape[1].ShouldBe(6);
        none.Cache[name].Equals(whole.Cache[name]).ShouldBeTrue();
        few.Cache[name].Equals(whole.Cache[name]).ShouldBeTrue();
        using var last = whole.Logits.narrow(1, 5, 1);
        few.Logits.Equals(last).ShouldBeTrue();
        Should.Throw<InvalidOperationException>(() => none.Logits);
    }

    [Fact]
    public void Capture_WhatTheRunDoesNotPass_SaysSo()
    {
        using var residual = model.On(Prompts).StopBefore(2).Run();
        Should.Throw<ArgumentException>(() => model.On(Prompts).StopBefore(1).Capture(ResidPost[1]).Run()).Message.ShouldContain("stops before block 1");
        Should.Throw<ArgumentException>(() => model.On(Prompts).StopBefore(2).Capture(FinalScale).Run()).Message.ShouldContain("not reached");
        Should.Throw<ArgumentException>(() => model.On(Prompts).StartAt(2, residual.Residual).Capture(ResidPre[1]).Run()).Message.ShouldContain("starts at block 2");
        Should.Throw<ArgumentException>(() => model.On(Prompts).StartAt(2, residual.Residual).Capture(Embed).Run());
    }

    [Fact]
    public void Capture_AllLayersOfAPartialRun_HoldsThoseThatItPasses()
    {
        using var first = model.On(Prompts).StopBefore(1).Run();
        using var run = model.On(Prompts).StartAt(1, first.Residual).StopBefore(2).Capture(Z).Run();
        run.Cache.Names.Select(n => n.ToString()).ShouldBe(["blocks.1.attn.hook_z"]);
    }

    [Fact]
    public void Variants_OfAStoppedRun_HaveTheirRowsWhereverTheyAct()
    {
        using var scope = NewDisposeScope();
        var zero = new Variant("early", new Edit(MlpOut[0], Interventions.Zero()));
        var late = new Variant("late", new Edit(MlpOut[2], Interventions.Zero()));
        using var run = model.On(Prompts).Variants(zero, late, new Variant("none")).StopBefore(2).Run();
        using var plain = model.On(Prompts).StopBefore(2).Run();
        using var early = model.On(Prompts).Zero(MlpOut[0]).StopBefore(2).Run();
        Near(run.Residual, cat([early.Residual, plain.Residual, plain.Residual], 0));
    }

    [Fact]
    public void StartAtAndWithEmbeddings_TensorsGiven_StayTheCallers()
    {
        using var scope = NewDisposeScope();
        using var stopped = model.On(Prompts).Capture(Embed).StopBefore(1).Run();
        var (residual, embedded) = (stopped.Residual.clone(), stopped[Embed].clone());
        using (var nothing = model.On(Prompts).StartAt(1, residual).StopBefore(1).Run())
            Near(nothing.Residual, residual);
        var logits = model.On(Prompts).Logits();
        Near(model.On(Prompts).WithEmbeddings(embedded).Logits(), logits);
        Near(model.On(Prompts).StartAt(1, residual).Logits(), logits);
        residual.IsInvalid.ShouldBeFalse();
        embedded.IsInvalid.ShouldBeFalse();
    }

    [Fact]
    public void WithEmbeddings_VariantsThatEditThem_EqualEachAlone()
    {
        using var scope = NewDisposeScope();
        using var run = model.On(Prompts).Capture(Embed).Run();
        var plan = model.On(Prompts).WithEmbeddings(run[Embed] * 2);
        Edit[] edits = [new(Embed, Interventions.Scale(3)), new(Z[1], Interventions.Zero())];
        var together = plan.Variants(edits.Select((e, i) => new Variant($"{i}", e))).Logits();
        Near(together, cat([.. edits.Select(e => plan.Intervene(e.Unit, e.Intervention).Logits())], 0));
    }

    [Theory]
    [InlineData(PaddingSide.Left)]
    [InlineData(PaddingSide.Right)]
    public void Variants_OfPaddedPrompts_EqualEachAlone(PaddingSide side)
    {
        using var scope = NewDisposeScope();
        var plan = model.On(RunInput.Of([[1, 2, 3, 4], [5, 6, 7]], side)).LogitsAt(Position.Last);
        Edit[] edits =
        [
            new(Z[1].Head(2), Interventions.Zero()), new(MlpOut[2].At(Position.Last), Interventions.Scale(-1)), new(Embed.At(1), Interventions.Scale(2)),
            new(ResidPre[1], Interventions.Scale(0.5)),
        ];
        var together = plan.Variants(edits.Select((e, i) => new Variant($"{i}", e))).Logits();
        Near(together, cat([.. edits.Select(e => plan.Intervene(e.Unit, e.Intervention).Logits())], 0));
    }

    [Theory]
    [InlineData(NormKind.LayerNorm)]
    [InlineData(NormKind.None)]
    public void Shortformer_SplitInputs_ChangeNothing(NormKind norm)
    {
        using var shortformer = TinyModel.Random(TinyModel.Gpt2 with { Positions = PositionKind.Shortformer, Norm = norm });
        var plan = shortformer.On(Prompts);
        using var run = plan.Capture(QInput, KInput, VInput, AttnIn, AttnInput, Result).Run();
        using var plain = plan.Logits();
        Near(run.Logits, plain);
        using var scope = NewDisposeScope();
        run[QInput[1]].select(2, 0).Equals(run[VInput[1]].select(2, 0)).ShouldBeTrue(); // positions are no part of the stream
        using var other = shortformer.On(Prompts).Replace(PosEmbed, zeros(shortformer.Config.DModel, dtype: ScalarType.Float64)).Logits();
        (other - plain).abs().max().ToDouble().ShouldBeGreaterThan(1e-3);
    }

    [Fact]
    public void Shortformer_VariantsOfPaddedPrompts_EqualEachAlone()
    {
        using var shortformer = TinyModel.Random(TinyModel.Gpt2 with { Positions = PositionKind.Shortformer });
        var plan = shortformer.On(RunInput.Of([[1, 2, 3, 4], [5, 6, 7]], PaddingSide.Left)).LogitsAt(Position.Last);
        Edit[] edits = [new(PosEmbed, Interventions.Scale(2)), new(Z[1].Head(2), Interventions.Zero()), new(MlpOut[2], Interventions.Scale(-1))];
        using var scope = NewDisposeScope();
        var together = plan.Variants(edits.Select((e, i) => new Variant($"{i}", e))).Logits();
        Near(together, cat([.. edits.Select(e => plan.Intervene(e.Unit, e.Intervention).Logits())], 0));
        LiveTensors.ShouldStayEqual(() => plan.Logits().Dispose());
    }

    private static void Near(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        actual.shape.ShouldBe(expected.shape);
        (actual - expected).abs().max().ToDouble().ShouldBeLessThan(1e-11);
    }
}
