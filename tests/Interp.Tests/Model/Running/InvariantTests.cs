namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>What holds on every model, whatever its weights.</summary>
[Trait("Tier", "model")]
public sealed class InvariantTests
{
    public static TheoryData<string> Models => [.. Configs.Keys];

    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TinyModel.Gpt2,
        ["llama"] = TinyModel.Llama,
        ["parallel"] = TinyModel.Gpt2 with { ParallelBlocks = true },
        ["attention-only"] = TinyModel.Gpt2 with { DMlp = 0 },
        ["post-norms"] = TinyModel.Llama with { PostNorms = true },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Capture_ResidualStream_IsTheSumOfWhatIsAdded(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 6, seed: 1)).CaptureAll().Run();
        using var scope = NewDisposeScope();
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            var sum = run[ResidPre[layer]] + run[AttnOut[layer]];
            if (!model.Config.AttentionOnly)
            {
                if (!model.Config.ParallelBlocks)
                    Close(sum, run[ResidMid[layer]]);
                sum += run[MlpOut[layer]];
            }
            Close(sum, run[ResidPost[layer]]);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Capture_PatternAndResults_AddUpToTheOutput(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, 6, seed: 1)).CaptureAll().Capture(Result).Run();
        using var scope = NewDisposeScope();
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            Close(run[Pattern[layer]].sum(-1), ones_like(run[Pattern[layer]].sum(-1)));
            Close(run[Result[layer]].sum(2) + model.BO(layer), run[AttnOutRaw[layer]]);
            var values = run[V[layer]].repeat_interleave(model.Config.Heads / model.Config.KvHeads, 2); // [batch, key, head, d_head]
            Close(einsum("bhqk,bkhd->bqhd", run[Pattern[layer]], values), run[Z[layer]]);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Replace_ByItsOwnValue_ChangesNoBit(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        var plan = model.On(TinyModel.Tokens(model.Config, 2, 6, seed: 1));
        using var run = plan.CaptureAll().Run();
        using var scope = NewDisposeScope();
        foreach (var (site, values) in run.Cache)
            plan.Replace(site, values).Logits().Equals(run.Logits).ShouldBeTrue(site.ToString());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Replace_AWholeLayer_GivesTheOtherRunsLogits(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        using var clean = model.On(TinyModel.Tokens(model.Config, 2, 6, seed: 1)).Capture(ResidPre).Run();
        using var scope = NewDisposeScope();
        for (var layer = 0; layer < model.Config.Layers; layer++)
            Close(model.On(TinyModel.Tokens(model.Config, 2, 6, seed: 2)).Replace(ResidPre[layer], clean[ResidPre[layer]]).Logits(), clean.Logits);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void StartAt_EachLayer_GivesTheWholeRunsLogits(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        var plan = model.On(TinyModel.Tokens(model.Config, 2, 6, seed: 1));
        using var run = plan.Capture(ResidPre).Run();
        using var scope = NewDisposeScope();
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            plan.StartAt(layer, run[ResidPre[layer]]).Logits().Equals(run.Logits).ShouldBeTrue();
            using var stopped = plan.StopBefore(layer).Run();
            stopped.Residual.Equals(run[ResidPre[layer]]).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GenerateTokens_WithKeptKeys_EqualsRunningEverythingAgain(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        var input = TinyModel.Tokens(model.Config, 2, 5, seed: 1);
        var plan = model.On(input).Scale(MlpOutOrAttnOut(model), 1.5);
        var rows = input.Rows.Select(r => r.ToList()).ToArray();
        for (var step = 0; step < 6; step++)
        {
            using var scope = NewDisposeScope();
            var next = model.On(rows).Scale(MlpOutOrAttnOut(model), 1.5).LogitsAt(Position.Last).Logits().argmax(-1).flatten().data<long>().ToArray();
            for (var row = 0; row < rows.Length; row++)
                rows[row].Add((int)next[row]);
        }
        plan.GenerateTokens(6).ShouldBe(rows.Select(r => r.Skip(5).ToArray()).ToArray());
    }

    [Theory]
    [InlineData("gpt2", PaddingSide.Left)]
    [InlineData("gpt2", PaddingSide.Right)]
    [InlineData("llama", PaddingSide.Left)]
    [InlineData("llama", PaddingSide.Right)]
    public void Logits_PaddedPrompts_EqualThoseOfEachAlone(string name, PaddingSide side)
    {
        using var model = TinyModel.Random(Configs[name]);
        int[][] rows = [[1, 2, 3, 4, 5, 6], [7, 8, 9], [10, 11, 12, 13, 14]];
        using var scope = NewDisposeScope();
        var plan = model.On(RunInput.Of(rows, side));
        var last = plan.LogitsAt(Position.Last).Logits();
        var loss = plan.LossPerToken().sum().ToDouble() / rows.Sum(r => r.Length - 1);
        plan.Loss().ShouldBe(loss, 1e-12);
        loss.ShouldBe(rows.Sum(r => model.On([r]).Loss() * (r.Length - 1)) / rows.Sum(r => r.Length - 1), 1e-10);
        for (var row = 0; row < rows.Length; row++)
            Close(last[row], model.On([rows[row]]).LogitsAt(Position.Last).Logits()[0]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Process_EveryStep_LeavesLogProbabilitiesAlone(string name)
    {
        using var model = TinyModel.Random(Configs[name]);
        using var processed = model.Process(WeightProcessing.TransformerLens);
        var input = TinyModel.Tokens(model.Config, 2, 6, seed: 1);
        using var scope = NewDisposeScope();
        Close(processed.On(input).Logits().log_softmax(-1), model.On(input).Logits().log_softmax(-1));
        Evidence.Record("invariants", true, name);
    }

    private static HookName MlpOutOrAttnOut(HookedTransformer model) => new(model.Config.AttentionOnly ? AttnOut : MlpOut, 1);

    private static void Close(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        actual.shape.ShouldBe(expected.shape);
        (actual - expected).abs().max().ToDouble().ShouldBeLessThan(1e-10 * Math.Max(1, expected.abs().max().ToDouble()));
    }
}
