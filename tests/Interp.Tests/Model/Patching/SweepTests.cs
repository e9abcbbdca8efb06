namespace Interp.Tests.Model.Patching;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;

/// <summary>The planned and batched sweeps give the serial sweep's numbers.</summary>
[Trait("Tier", "model")]
public sealed class SweepTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var model in Configs.Keys)
            foreach (var grid in Grids.Keys)
                if (!(model == "attention-only" && grid is "resid_mid by pos" or "mlp_out by pos" or "neurons") && !(model == "parallel" && grid == "resid_mid by pos"))
                    data.Add(model, grid);
        return data;
    }

    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TinyModel.Gpt2,
        ["llama"] = TinyModel.Llama,
        ["alibi"] = TinyModel.Gpt2 with { Positions = PositionKind.Alibi, AttentionScale = 0.5 },
        ["attention-only"] = TinyModel.Gpt2 with { DMlp = 0 },
        ["windowed, capped"] = TinyModel.Llama with { Windows = [3, 0, 2], AttentionSoftCap = 5, LogitSoftCap = 8 },
        ["post-norms"] = TinyModel.Llama with { PostNorms = true },
        ["parallel"] = TinyModel.Gpt2 with { ParallelBlocks = true, Positions = PositionKind.Rotary, Rotary = new RotaryConfig { Dimensions = 2 } },
        ["shortformer"] = TinyModel.Gpt2 with { Positions = PositionKind.Shortformer },
        ["bidirectional"] = TinyModel.Gpt2 with { Causal = false },
        ["no norm"] = TinyModel.Gpt2 with { Norm = NormKind.None, KeyValueHeads = 1 },
    };

    private static readonly Dictionary<string, UnitGrid> Grids = new()
    {
        ["resid_pre by pos"] = ResidPre.ByPosition(),
        ["resid_mid by pos"] = ResidMid.ByPosition(),
        ["resid_post"] = ResidPost.ByLayer(),
        ["attn_out by pos"] = AttnOut.ByPosition(),
        ["mlp_out by pos"] = MlpOut.ByPosition(),
        ["z by head"] = Z.ByHead(),
        ["z by head and pos"] = Z.ByHead().ByPosition(),
        ["result by head"] = Result.ByHead(),
        ["neurons"] = MlpPost.ByNeuron(),
        ["q by head"] = Q.ByHead(),
        ["k by head"] = K.ByHead(),
        ["v by head"] = V.ByHead(),
        ["q by head and pos"] = Q.ByHead().ByPosition(),
        ["k by head and pos"] = K.ByHead().ByPosition(),
        ["v by head and pos"] = V.ByHead().ByPosition(),
        ["pattern by head"] = Pattern.ByHead(),
        ["pattern by head and dest"] = Pattern.ByHead().ByPosition(),
        ["scores by head and dest"] = AttnScores.ByHead().ByPosition(),
        ["keys of all heads by pos"] = K.ByPosition(),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Patch_PlannedAndBatched_EqualSerial(string model, string grid)
    {
        using var transformer = TinyModel.Random(Configs[model], seed: 3);
        var (clean, corrupted) = Prompts(transformer.Config);
        var study = transformer.Contrast(clean, corrupted, Metric.LogitDifference([1, 2, 3], [4, 5, 6]));
        var worst = 0.0;
        foreach (var contrast in model is "gpt2" or "llama" or "parallel" ? [study, study.Noising()] : new[] { study })
        {
            var serial = contrast.Patch(Grids[grid], new PatchOptions { Strategy = PatchStrategy.Serial });
            var batched = contrast.Patch(Grids[grid], new PatchOptions { Strategy = PatchStrategy.Batched, MemoryBudget = 60_000 });
            var planned = contrast.Patch(Grids[grid], new PatchOptions { MemoryBudget = 60_000 });
            serial.Effect.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-3);
            worst = Math.Max(worst, Math.Max(Largest(serial, batched), Largest(serial, planned)));
        }
        if (model is "gpt2" or "llama" or "parallel")
            Evidence.Record("patch-sweep-equal", worst < 1e-10, $"{model}: {grid}, {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-10);
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("parallel")]
    public void Patch_SeveralGrids_EqualEachAlone(string model)
    {
        using var transformer = TinyModel.Random(Configs[model], seed: 3);
        var (clean, corrupted) = Prompts(transformer.Config);
        var study = transformer.Contrast(clean, corrupted, Metric.LogitDifference([1, 2, 3], [4, 5, 6]));
        UnitGrid[] grids = [Q.ByHead().ByPosition(), K.ByHead().ByPosition(), Z.ByHead(), ResidPre[1..].ByPosition(), MlpPost.ByLayer()];
        var together = study.Patch(grids);
        for (var i = 0; i < grids.Length; i++)
            Largest(together[i], study.Patch(grids[i])).ShouldBeLessThan(1e-12);
    }

    private static double Largest(PatchResult a, PatchResult b)
    {
        var (x, y) = (a.Patched.Values.ToArray(), b.Patched.Values.ToArray());
        return x.Zip(y, (u, v) => Math.Abs(u - v)).Max();
    }

    // Three prompts that differ from their corruptions at positions 2 and 5.
    private static (RunInput Clean, RunInput Corrupted) Prompts(TransformerConfig config)
    {
        var clean = TinyModel.Tokens(config, 3, 7, seed: 5);
        return (clean, RunInput.Of(clean.Rows.Select(r => r.Select((t, i) => i is 2 or 5 ? (t + 7) % config.DVocab : t).ToArray())));
    }
}
