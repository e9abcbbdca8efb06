namespace Interp.Tests.Model.Patching;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;
using Unit = Interp.Unit;

/// <summary>What cannot be patched is an error that says so, and leaves nothing behind.</summary>
[Trait("Tier", "model")]
public sealed class PatchingInputTests : IDisposable
{
    private readonly HookedTransformer model = TinyModel.Random(TinyModel.Llama, seed: 3);

    public void Dispose() => model.Dispose();

    private Contrast Study(Metric? metric = null) => model.Contrast(
        TinyModel.Tokens(TinyModel.Llama, 2, 5, seed: 1), TinyModel.Tokens(TinyModel.Llama, 2, 5, seed: 2), metric ?? Metric.LogitDifference(1, 2));

    [Fact]
    public void Patch_KeyHeadThatGroupsDoNotHave_SaysHowHeadsAreShared()
    {
        var error = Should.Throw<ArgumentOutOfRangeException>(() => Study().Patch(K.Head(3).ByPosition()));
        error.Message.ShouldContain("2 for 4 query heads");
        Should.Throw<ArgumentOutOfRangeException>(() => Study().Patch([new UnitSet("one", K[0].Head(3))])).Message.ShouldContain("h / 2");
    }

    [Fact]
    public void Patch_MiddleOfAParallelBlock_NamesTheNearest()
    {
        using var parallel = TinyModel.Random(TinyModel.Gpt2 with { ParallelBlocks = true });
        var study = parallel.Contrast(TinyModel.Tokens(TinyModel.Gpt2, 2, 5, 1), TinyModel.Tokens(TinyModel.Gpt2, 2, 5, 2), Metric.LogitDifference(1, 2));
        Should.Throw<ArgumentException>(() => study.Patch(ResidMid.ByPosition())).Message.ShouldContain("hook_resid_pre");
    }

    [Fact]
    public void Patch_MetricThatIsNotFinite_SaysOnWhichPrompt()
    {
        var metric = Metric.Of("log of nothing", logits => logits.select(1, 0) * double.NaN);
        LiveTensors.ShouldStayEqual(() => Should.Throw<InvalidOperationException>(() => Study(metric).Patch(Z.ByHead())).Message.ShouldContain("on prompt 0"));
    }

    [Fact]
    public void Patch_MetricThatIgnoresTheActivations_SaysSo()
    {
        var metric = Metric.Of("constant", logits => zeros_like(logits.select(1, 0)) + 3);
        LiveTensors.ShouldStayEqual(() => Should.Throw<InvalidOperationException>(() => Study(metric).Patch(Z.ByHead())).Message.ShouldContain("does not depend"));
    }

    [Fact]
    public void Patch_MetricOfAnotherShape_SaysWhatItMustGive()
    {
        var metric = Metric.Of("mean", logits => logits.mean());
        Should.Throw<InvalidOperationException>(() => Study(metric).Patch(Z.ByHead())).Message.ShouldContain("[batch]");
    }

    [Fact]
    public void Normalised_RunsWithOneMetric_NamesEffect()
    {
        var clean = TinyModel.Tokens(TinyModel.Llama, 2, 5, seed: 1);
        var result = model.Contrast(clean, clean, Metric.LogitDifference(1, 2)).Patch(Z.ByHead());
        Should.Throw<InvalidOperationException>(() => result.Normalised).Message.ShouldContain("Effect");
        var ablated = model.On(clean).Ablate(Z.ByHead(), Ablation.Zero, Metric.LogitDifference(1, 2));
        Should.Throw<InvalidOperationException>(() => ablated.Normalised).Message.ShouldContain("only one run");
    }

    [Theory]
    [InlineData(PatchStrategy.Planned)]
    [InlineData(PatchStrategy.Batched)]
    public void Patch_BudgetTooSmallForOne_SaysWhatItTakes(PatchStrategy strategy) =>
        LiveTensors.ShouldStayEqual(() =>
            Should.Throw<ArgumentException>(() => Study().Patch(Z.ByHead(), new PatchOptions { Strategy = strategy, MemoryBudget = 1000 })).Message.ShouldContain("MemoryBudget"));

    [Fact]
    public void Grid_PositionsAndRoles_AreNotMixed()
    {
        Should.Throw<ArgumentException>(() => Z.ByHead().ByPosition().ByRole("name"));
        Should.Throw<KeyNotFoundException>(() => Study().Patch(Z.ByHead().ByRole("name")));
        Should.Throw<ArgumentException>(() => new UnitSet("none", Array.Empty<Unit>()));
        Should.Throw<ArgumentException>(() => Study().Patch(Array.Empty<UnitGrid>()));
    }
}
