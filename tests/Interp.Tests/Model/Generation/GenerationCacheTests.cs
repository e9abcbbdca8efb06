namespace Interp.Tests.Model.Generation;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Generation with keys and values kept, edits live and captures on, against one pass over the whole text.</summary>
[Trait("Tier", "model")]
public sealed class GenerationCacheTests
{
    private const int Steps = 6;
    private static readonly int[][] Prompts = [[1, 2, 3, 4, 5], [6, 7, 8], [9, 10, 11, 12]];

    public static TheoryData<string> Models => [.. Configs.Keys];

    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TinyModel.Gpt2,
        ["llama-gqa"] = TinyModel.Llama,
        ["parallel"] = TinyModel.Gpt2 with { ParallelBlocks = true, Positions = PositionKind.Rotary },
        ["alibi"] = TinyModel.Gpt2 with { Positions = PositionKind.Alibi },
        ["window"] = TinyModel.Llama with { Windows = [3, 0, 2] },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Generate_EditsLiveAndLeftPadding_EqualsRecomputingEachText(string name)
    {
        using var model = TinyModel.Random(Configs[name], seed: 3, ScalarType.Float32);
        using var direction = ones([16]) * 0.5;
        RunPlan Edited(RunPlan plan, Indices prompt, Indices written, Indices newest) => plan
            .Add(ResidPost[0].At(prompt), direction).ProjectOut(ResidPre[1].At(written), direction).Scale(MlpOut[1], 1.3).Add(ResidPre[2].At(newest), direction, -2);

        using var generation = Edited(model.On(RunInput.Of(Prompts, PaddingSide.Left)), Position.Prompt, Position.GeneratedAt(1..4), Position.Last)
            .Generate(new GenerationOptions { Tokens = Steps, KeepLogits = true });

        var worst = 0.0;
        for (var row = 0; row < Prompts.Length; row++)
        {
            using var scope = NewDisposeScope();
            var n = Prompts[row].Length;
            int[] text = [.. Prompts[row], .. generation.Rows[row].Tokens];
            var whole = Edited(model.On([text]), 0..n, (n + 1)..(n + 4), (n - 1)..).Logits()[0]; // [pos, d_vocab]
            var expected = whole.narrow(0, n - 1, Steps);
            worst = Math.Max(worst, (generation.Logits[row] - expected).abs().max().ToDouble());
            expected.argmax(-1).to(ScalarType.Int64).data<long>().ToArray().Select(id => (int)id).ShouldBe(generation.Rows[row].Tokens);
        }
        Evidence.Record("generation-cache", worst <= 1e-4, $"{name}: the same tokens, logits at most {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-4);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Generate_Captures_AreThoseOfARunOverTheWholeText(string name)
    {
        using var model = TinyModel.Random(Configs[name], seed: 3);
        using var direction = ones([16], dtype: ScalarType.Float64);
        RunPlan Captured(RunPlan plan) => plan.Add(ResidPost[0], direction)
            .Capture(Embed, ResidPost, Pattern, AttnScores[1], Z[2].Head(1), Pattern[0].Head(2), MlpPost[1].Neuron(new[] { 2, 5 }), ResidMidOr(model), UnembedOut)
            .Capture(ResidPre[1].At(Position.Last), ResidPre[2].At(3), ResidPre[2].At(1..4), Pattern[2].Dest(^1).Source(0..2));
        var input = RunInput.Of(Prompts.Select(p => p[..3]));

        using var generation = Captured(model.On(input)).Generate(new GenerationOptions { Tokens = Steps });

        int[][] texts = [.. generation.Rows.Select((r, i) => (int[])[.. Prompts[i][..3], .. r.Tokens])];
        generation.Input.Rows.Select(r => r.ToArray()).ShouldBe(texts);
        using var whole = Captured(model.On(texts)).Run();
        generation.Cache.Count.ShouldBe(whole.Cache.Count);
        using var scope = NewDisposeScope();
        var worst = 0.0;
        foreach (var ((site, ours), (_, theirs)) in generation.Cache.Zip(whole.Cache))
        {
            ours.shape.ShouldBe(theirs.shape, site.ToString());
            worst = Math.Max(worst, Differ(ours, theirs));
        }
        Evidence.Record("generation-captures", worst < 1e-11, $"{name}: {whole.Cache.Count} activations, at most {Evidence.Text(worst)}");
        worst.ShouldBeLessThan(1e-11);
    }

    [Fact]
    public void Generate_TextsThatEndEarlier_AreCapturedToTheirEnds()
    {
        using var model = TinyModel.Random(TinyModel.Llama, seed: 5);
        var plan = model.On(RunInput.Of(Prompts, PaddingSide.Left)).Capture(ResidPost[1]);
        var free = plan.GenerateTokens(Steps);
        var stop = free[1][2];

        using var generation = plan.Capture(ResidPost[2].At(Position.Last), ResidPre[1].At(Position.Generated)).Generate(new GenerationOptions { Tokens = Steps, StopTokens = [stop] });

        generation.Rows.Select(r => r.Tokens.ToArray()).ShouldBe(free.Select(row => row.TakeWhile(t => t != stop).ToArray()));
        generation.Rows[1].Stop.ShouldBe(StopReason.StopToken);
        generation.Rows[0].LogProbabilities.ShouldAllBe(p => p < 0);
        using var scope = NewDisposeScope();
        for (var row = 0; row < Prompts.Length; row++)
        {
            int[] text = [.. Prompts[row], .. generation.Rows[row].Tokens];
            using var alone = model.On([text]).Capture(ResidPost).Run();
            Differ(generation[ResidPost[1]][row].narrow(0, 5 - Prompts[row].Length, text.Length), alone[ResidPost[1]][0]).ShouldBeLessThan(1e-11);
            Differ(generation[ResidPost[2].At(Position.Last)][row], alone[ResidPost[2]][0, -1]).ShouldBeLessThan(1e-11);
        }
        var written = generation.Rows.Max(r => r.Tokens.Length);
        generation[ResidPre[1].At(Position.Generated)].shape.ShouldBe([3, written, 16]);
    }

    [Fact]
    public void Generate_AfterACache_ContinuesItAndLeavesItAsItWas()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 1);
        int[] text = [1, 2, 3, 4, 5, 6];
        using var past = new KeyValueCache(model);
        model.On([text[..4]]).After(past).WithoutLogits().Run().Dispose();

        using var generation = model.On([text[4..]]).After(past).Capture(ResidPost[2]).Generate(new GenerationOptions { Tokens = 4 });

        generation.Rows[0].Tokens.ShouldBe(model.On([text]).GenerateTokens(4)[0]);
        past.Length.ShouldBe(4);
        using var scope = NewDisposeScope();
        using var whole = model.On([[.. text, .. generation.Rows[0].Tokens]]).Capture(ResidPost[2]).Run();
        Differ(generation[ResidPost[2]], whole[ResidPost[2]].narrow(1, 4, 6)).ShouldBeLessThan(1e-11);
    }

    [Fact]
    public void Generate_EditsAtWindows_ActThereAlone()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 2);
        using var direction = ones([16], dtype: ScalarType.Float64) * 3;
        var plan = model.On([[1, 2, 3]]).Capture(ResidPost[0]);
        using var plain = plan.Generate(new GenerationOptions { Tokens = 1 });
        foreach (var (places, columns) in new (Indices, int[])[]
        {
            (Position.Prompt, [0, 1, 2]), (Position.Generated, [3, 4, 5, 6]), (Position.GeneratedAt(1..3), [4, 5]), (Position.Last, [2, 3, 4, 5, 6]),
            (1..5, [1, 2, 3, 4]), (new[] { 0, 4, 40 }, [0, 4]), (5, [5]), (Position.All, [0, 1, 2, 3, 4, 5, 6]),
        })
        {
            List<int> seen = [];
            using var steered = plan.Intervene(ResidPre[0].At(places), Interventions.Apply((x, context) =>
            {
                var count = x.dim() == 2 ? 1 : (int)x.shape[1];
                for (var i = 0; i < count; i++)
                    seen.Add(context.PastLength == 0 ? columns.Where(c => c < 3).ElementAt(i) : context.PastLength);
                return x + direction;
            })).Generate(new GenerationOptions { Tokens = 4 });
            seen.ToArray().ShouldBe(columns, places.ToString());
        }
    }

    [Fact]
    public void Capture_PositionsInTheCache_IsAnError()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        using var past = new KeyValueCache(model);
        model.On([[1, 2, 3, 4]]).After(past).WithoutLogits().Run().Dispose();
        past.Frozen = true;
        var plan = model.On([[5, 6, 7]]).After(past);
        Should.Throw<ArgumentException>(() => plan.Capture(ResidPost[1].At(2)).Run()).Message.ShouldContain("lie in the key-value cache (2); this run reads 4-6");
        Should.Throw<ArgumentException>(() => plan.Capture(ResidPost[1].At(2..6)).Run()).Message.ShouldContain("(2, 3)");
        Should.Throw<ArgumentException>(() => plan.Zero(ResidPost[1].At(2)).Logits()).Message.ShouldContain("before they are cached");
        Should.Throw<ArgumentException>(() => plan.LogitsAt(0..5).Logits()).Message.ShouldContain("key-value cache");
        using var right = plan.Capture(ResidPost[1].At(4..6)).Run();
        right[ResidPost[1].At(4..6)].shape.ShouldBe([1, 2, 16]);
        using var partly = plan.Zero(ResidPost[1].At(2..5)).Logits(); // what of it this run reads is edited
        Should.Throw<InvalidOperationException>(() => plan.Capture(ResidPost.At(Position.Generated)).Run()).Message.ShouldContain("Nothing is generated here");
    }

    private static Interp.Unit ResidMidOr(HookedTransformer model) => model.Config.ParallelBlocks ? AttnOut[1] : ResidMid[1];

    private static double Differ(Tensor a, Tensor b) => where(a == b, zeros_like(a), a - b).abs().max().ToDouble(); // -inf equals -inf
}
