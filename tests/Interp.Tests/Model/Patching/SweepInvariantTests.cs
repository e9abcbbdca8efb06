namespace Interp.Tests.Model.Patching;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>What holds of every sweep: a run patched into itself does not change, and a whole layer brings everything back.</summary>
[Trait("Tier", "model")]
public sealed class SweepInvariantTests
{
    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TinyModel.Gpt2,
        ["llama"] = TinyModel.Llama,
        ["parallel"] = TinyModel.Gpt2 with { ParallelBlocks = true, Positions = PositionKind.Rotary, Rotary = new RotaryConfig { Dimensions = 2 } },
    };

    public static TheoryData<string> Models => [.. Configs.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void Patch_ARunIntoItself_ChangesNotOneBit(string name)
    {
        using var model = TinyModel.Random(Configs[name], seed: 3);
        var clean = TinyModel.Tokens(model.Config, 3, 7, seed: 5);
        var study = model.Contrast(clean, clean, Metric.LogitDifference(1, 2));
        UnitGrid[] grids = [ResidPre.ByPosition(), Z.ByHead(), Q.ByHead().ByPosition(), K.ByHead(), V.ByHead(), Pattern.ByHead(), MlpPost.ByNeuron(), ResidPost.ByPosition().Window(2)];
        var same = Enum.GetValues<PatchStrategy>().All(strategy =>
            study.Patch(grids, new PatchOptions { Strategy = strategy }).All(r => r.Effect.Values.ToArray().All(v => v == 0)));
        Evidence.Record("patch-itself", same, $"{name}: {grids.Length} sites, {Enum.GetValues<PatchStrategy>().Length} strategies");
        same.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Patch_AWholeLayer_BringsBackTheCleanBehaviour(string name)
    {
        using var model = TinyModel.Random(Configs[name], seed: 3);
        var clean = TinyModel.Tokens(model.Config, 3, 7, seed: 5);
        var corrupted = RunInput.Of(clean.Rows.Select(r => r.Select((t, i) => i is 2 or 5 ? (t + 7) % model.Config.DVocab : t).ToArray()));
        var study = model.Contrast(clean, corrupted, Metric.LogitDifference(1, 2));
        var worst = Enum.GetValues<PatchStrategy>().Max(strategy =>
            study.Patch(ResidPre.ByLayer(), new PatchOptions { Strategy = strategy }).Normalised.Values.ToArray().Max(v => Math.Abs(v - 1)));
        Evidence.Record("patch-layer", worst < 1e-10, $"{name}: {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-10);
    }
}
