namespace Interp.Tests.Parity.Loading;

using System.Runtime.CompilerServices;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>What the names of hook points promise, on models of each family: who is the sum, the product or the image of whom.</summary>
[Trait("Tier", "parity")]
public sealed class FamilyIdentityTests
{
    public static TheoryData<string> Families => [.. FamilyCases.All];

    public static TheoryData<string> WithPlainMlps => [.. FamilyCases.All.Where(name => name != "mixtral")];

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Embed_IsWhatEntersTheStream(string name) => OnRun(name, (model, run, tokens) =>
    {
        var rows = model.Weights.Embedding.index_select(0, tokens.flatten()).view(4, -1, model.Config.DModel); // [batch, pos, d_model]
        if (model.EmbeddingNorm is Norm norm)
            rows = norm.Apply(rows);
        Same(run[Embed], rows);
        var positions = model.Weights.Positions?.narrow(0, 0, rows.shape[1]);
        Same(run[ResidPre[0]], positions is null ? rows : rows + positions);
    });

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Embed_IsTheFilesEmbeddingTimesTheScale(string name) => OnRun(name, (model, run, tokens) =>
    {
        if (model.EmbeddingNorm is not null || name is "opt_350m")
            return;
        using var checkpoint = Checkpoint.Open(Repository.Shared("golden", name));
        var file = checkpoint.Names.Single(tensor => tensor.EndsWith("wte.weight", StringComparison.Ordinal) || tensor.EndsWith("embed_tokens.weight", StringComparison.Ordinal)
            || tensor.EndsWith("embed_in.weight", StringComparison.Ordinal));
        var stored = checkpoint.Read(file, model.Weights.Embedding.shape, ScalarType.Float64);
        var scale = name.StartsWith("gemma", StringComparison.Ordinal) ? Math.Sqrt(model.Config.DModel) : 1;
        Same(run[Embed], stored.index_select(0, tokens.flatten()).view(4, -1, model.Config.DModel) * scale);
    });

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Outputs_AreWhatIsAddedToTheStream(string name) => OnRun(name, (model, run, _) =>
    {
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            var block = model.Blocks[layer];
            var middle = run[ResidPre[layer]] + run[AttnOut[layer]];
            if (!block.Parallel)
                Same(run[ResidMid[layer]], middle = Through(block.SumNorm1, middle));
            Same(run[ResidPost[layer]], Through(block.SumNorm2, middle + run[MlpOut[layer]]));
            Same(run[AttnOut[layer]], Through(block.PostNorm1, run[AttnOutRaw[layer]]));
            Same(run[MlpOut[layer]], Through(block.PostNorm2, run[MlpOutRaw[layer]]));
        }
    });

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Heads_AddUpToTheOutput(string name) => OnRun(name, (model, run, _) =>
    {
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            var values = run[V[layer]].repeat_interleave(model.Config.Heads / model.Config.KvHeads, 2); // [batch, pos, head, d_head]
            Same(run[Z[layer]], matmul(run[Pattern[layer]], values.transpose(1, 2)).transpose(1, 2));
            Same(run[Result[layer]].sum(2) + model.BO(layer), run[AttnOutRaw[layer]]);
            Same(run[Pattern[layer]].sum(-1), ones_like(run[Pattern[layer]].sum(-1)));
        }
    });

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void NormalizedSites_StandAfterTheGainOfLayerNormsAndBeforeThatOfRms(string name) => OnRun(name, (model, run, _) =>
    {
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            if (model.Blocks[layer].Norm1 is not Norm norm)
            {
                Same(run[AttnInput[layer]], run[ResidPre[layer]]);
                continue;
            }
            var normalized = run[Ln1Normalized[layer]];
            Same(run[AttnInput[layer]], norm.Centred ? normalized : normalized * norm.Weights!.Gain);
            Same(run[AttnInput[layer]], norm.Apply(run[ResidPre[layer]]));
            Same(run[Ln1Scale[layer]], norm.ScaleOf(run[ResidPre[layer]]));
        }
    });

    [SkippableTheory]
    [MemberData(nameof(WithPlainMlps))]
    public void Pre_IsTheGateAndPreLinearTheOtherBranch(string name) => OnRun(name, (model, run, _) =>
    {
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            var weights = model.Weights.Blocks[layer].Mlp!;
            var input = run[MlpInput[layer]];
            var pre = run[MlpPre[layer]];
            var active = Mlp.Activate(model.Config.Activation, pre);
            Same(pre, model.Config.GatedMlp ? matmul(input, model.WGate(layer)) : matmul(input, weights.In) + model.BIn(layer));
            if (model.Config.GatedMlp)
                Same(run[MlpPreLinear[layer]], matmul(input, model.WIn(layer)));
            Same(run[MlpPost[layer]], model.Config.GatedMlp ? active * run[MlpPreLinear[layer]] : active);
            Same(run[MlpOutRaw[layer]], matmul(run[MlpPost[layer]], weights.Out) + model.BOut(layer));
        }
    });

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Logits_AreTheImageOfTheUnembeddingsInput(string name) => OnRun(name, (model, run, _) =>
    {
        var logits = matmul(run[UnembedIn], model.WU) + model.BU;
        var cap = model.Config.LogitSoftCap;
        Same(run.Logits, cap > 0 ? (logits / cap).tanh() * cap : logits);
    });

    private static void OnRun(string name, Action<HookedTransformer, Run, Tensor> check, [CallerMemberName] string test = "")
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, ScalarType.Float64);
        var rows = golden.Rows("tokens/clean");
        using var run = model.On(rows).Capture([.. model.Sites.Where(site => site != AttnIn).Select(site => (Interp.Unit)site)]).Run();
        void Check() => check(model, run, tensor(rows.SelectMany(row => row.Select(id => (long)id)).ToArray(), [rows.Length, rows[0].Length]));
        try
        {
            Check();
            Evidence.Record("name-traps", true, $"{name}: {test} within 1e-11");
        }
        catch
        {
            Evidence.Record("name-traps", false, $"{name}: {test}");
            throw;
        }
    }

    private static Tensor Through(Interp.Extending.INorm? norm, Tensor x) => norm is Norm own ? own.Apply(x) : x;

    private static void Same(Tensor ours, Tensor expected)
    {
        ours.shape.ShouldBe(expected.shape);
        GoldenCompare.Doubles(ours - expected).Max(Math.Abs).ShouldBeLessThan(1e-11);
    }
}
