namespace Interp.Tests.Model.Generation;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Samples, stops, streams and what is refused.</summary>
[Trait("Tier", "model")]
public sealed class GenerationOptionsTests
{
    private static readonly int[][] Prompts = [[1, 2, 3], [4, 5], [6, 7, 8, 9]];

    [Fact]
    public void Generate_SeededSamples_DependOnSeedPromptAndSampleAlone()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var options = new GenerationOptions { Tokens = 8, Samples = 3, Sampling = new Sampling { Seed = 7 } };
        using var together = model.On(RunInput.Of(Prompts, PaddingSide.Left)).Generate(options);
        using var again = model.On(RunInput.Of(Prompts, PaddingSide.Left)).Generate(options);
        using var first = model.On([Prompts[0]]).Generate(options with { Samples = 2 });
        using var other = model.On([Prompts[0]]).Generate(options with { Sampling = new Sampling { Seed = 8 } });

        again.Rows.Select(r => r.Tokens.ToArray()).ShouldBe(together.Rows.Select(r => r.Tokens.ToArray()));
        together.Rows.Select(r => (r.Prompt, r.Sample)).ShouldBe([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]);
        first.Rows.Select(r => r.Tokens.ToArray()).ShouldBe(together.Rows.Take(2).Select(r => r.Tokens.ToArray()));
        together.Rows[0].Tokens.ShouldNotBe(together.Rows[1].Tokens);
        other.Rows[0].Tokens.ShouldNotBe(together.Rows[0].Tokens);
    }

    [Fact]
    public void Generate_TopOne_IsGreedy()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var plan = model.On(RunInput.Of(Prompts, PaddingSide.Left));
        using var drawn = plan.Generate(new GenerationOptions { Tokens = 5, Sampling = new Sampling { TopK = 1, Temperature = 2 } });
        using var nucleus = plan.Generate(new GenerationOptions { Tokens = 5, Sampling = new Sampling { TopP = 1e-9 } });
        drawn.Rows.Select(r => r.Tokens.ToArray()).ShouldBe(plan.GenerateTokens(5));
        nucleus.Rows.Select(r => r.Tokens.ToArray()).ShouldBe(plan.GenerateTokens(5));
    }

    [Fact]
    public void Generate_RepetitionPenalty_FollowsTheFormulaOverPromptAndText()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, seed: 6);
        using var generation = model.On(RunInput.Of(Prompts, PaddingSide.Left)).Generate(new GenerationOptions { Tokens = 8, RepetitionPenalty = 1.7, KeepLogits = true });
        var changed = 0;
        for (var row = 0; row < Prompts.Length; row++)
            for (var step = 0; step < 8; step++)
            {
                using var raw = generation.Logits[row, step].clone();
                var logits = raw.data<double>().ToArray();
                var plain = Array.IndexOf(logits, logits.Max());
                foreach (var id in Prompts[row].Concat(generation.Rows[row].Tokens.Take(step)).Distinct())
                    logits[id] = logits[id] < 0 ? logits[id] * 1.7 : logits[id] / 1.7;
                var wanted = Array.IndexOf(logits, logits.Max());
                generation.Rows[row].Tokens[step].ShouldBe(wanted);
                changed += wanted != plain ? 1 : 0;
            }
        changed.ShouldBeGreaterThan(0, "the penalty changed no choice, so the test shows nothing");
    }

    [Fact]
    public async Task GenerateStream_Tokens_AreThoseOfGenerateInOrder()
    {
        using var model = Models.Load("induction-2l");
        var plan = model.On(["owl fox sun oak owl", "ink jar bee ink"], padding: PaddingSide.Left);
        var options = new GenerationOptions { Tokens = 6, Samples = 2, Sampling = new Sampling { Seed = 1, Temperature = 1.5 } };
        List<GeneratedToken> streamed = [];
        await foreach (var token in plan.GenerateStream(options))
            streamed.Add(token);
        List<GeneratedToken> reported = [];
        using var whole = plan.Generate(options, new Reporter(reported));
        streamed.ShouldBe(reported);
        for (var row = 0; row < 4; row++)
        {
            var mine = streamed.Where(t => t.Row == row).ToArray();
            mine.Select(t => t.Id).ShouldBe(whole.Rows[row].Tokens);
            string.Concat(mine.Select(t => t.Text)).ShouldBe(whole.Rows[row].Text);
            mine.Select(t => t.LogProbability).ShouldBe(whole.Rows[row].LogProbabilities);
            mine[^1].Stop.ShouldBe(StopReason.Tokens);
        }
        using var source = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var token in plan.GenerateStream(options, source.Token))
                await source.CancelAsync();
        });
    }

    [Fact]
    public void Generate_StopString_CutsTheTextAndKeepsItsTokens()
    {
        using var model = Models.Load("induction-2l");
        var plan = model.On("owl fox sun oak map ink owl fox");
        using var free = plan.Generate(new GenerationOptions { Tokens = 4 });
        free.Text.ShouldStartWith(" sun oak map");
        List<GeneratedToken> reported = [];
        using var stopped = plan.Capture(ResidPost[1]).Generate(new GenerationOptions { Tokens = 4, StopStrings = ["zzz", "ak m"] }, new Reporter(reported));
        stopped.Text.ShouldBe(" sun o");
        stopped.Rows[0].Stop.ShouldBe(StopReason.StopString);
        stopped.Rows[0].Tokens.ShouldBe(free.Rows[0].Tokens.Take(3));
        reported.Select(t => t.Text).ShouldBe([" sun", " o", ""]);
        stopped[ResidPost[1]].shape[1].ShouldBe(plan.Input.Length + 3);
    }

    [Fact]
    public void Generate_PastTheContext_EndsThereAndSaysSo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2); // 16 positions
        using var full = model.On([[1, 2, 3, 4]]).Generate(new GenerationOptions { Tokens = 100 });
        (full.Rows[0].Tokens.Length, full.Rows[0].Stop).ShouldBe((13, StopReason.Context)); // the last token is not read
        using var captured = model.On([[1, 2, 3, 4]]).Capture(ResidPre[0]).Generate(new GenerationOptions { Tokens = 100 });
        (captured.Rows[0].Tokens.Length, captured[ResidPre[0]].shape[1]).ShouldBe((12, 16L));
        captured.Rows[0].Tokens.ShouldBe(full.Rows[0].Tokens.Take(12));
        using var none = model.On([[1, 2, 3, 4]]).Capture(ResidPre[0]).Generate(new GenerationOptions { Tokens = 0 });
        (none.Rows[0].Tokens.Length, none[ResidPre[0]].shape[1]).ShouldBe((0, 4L));
        Should.Throw<ArgumentException>(() => model.On([[1, 2, 3, 4]]).Budget(1000).Capture(ResidPre).Generate(new GenerationOptions { Tokens = -1 })).Message.ShouldContain("Tokens is -1");
        Should.Throw<InvalidOperationException>(() => model.On([[1, 2, 3, 4]]).Budget(3 * 16 * 8 * 5).Capture(ResidPre).Generate(new GenerationOptions { Tokens = 2 })).Message.ShouldContain("budget");
        using var within = model.On([[1, 2, 3, 4]]).Budget(3 * 16 * 8 * 2).Capture(ResidPre.At(Position.Generated)).Generate(new GenerationOptions { Tokens = 2 });
        within.Cache.Bytes.ShouldBe(3 * 16 * 8 * 2);
        Should.Throw<ArgumentException>(() => model.On([Enumerable.Repeat(1, 17).ToArray()]).Generate(new GenerationOptions())).Message.ShouldContain("no room");
    }

    [Fact]
    public void Generate_WrongOptions_AreAllSaidAtOnce()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        string Message(GenerationOptions options) => Should.Throw<ArgumentException>(() => model.On([[1, 2]]).Generate(options)).Message;
        Message(new GenerationOptions { Sampling = new Sampling { Temperature = 0 } }).ShouldContain("Temperature is 0, wanted a finite number above 0");
        Message(new GenerationOptions { Sampling = new Sampling { Temperature = double.NaN } }).ShouldContain("Temperature is NaN");
        Message(new GenerationOptions { Sampling = new Sampling { TopP = 0 } }).ShouldContain("TopP is 0, wanted a number in (0, 1]");
        Message(new GenerationOptions { Sampling = new Sampling { TopP = 1.5 } }).ShouldContain("TopP is 1.5");
        Message(new GenerationOptions { Sampling = new Sampling { TopK = 0, MinP = 2 }, RepetitionPenalty = 0, StopTokens = [29, -1] }).ShouldSatisfyAllConditions(
            text => text.ShouldContain("TopK is 0"), text => text.ShouldContain("MinP is 2"), text => text.ShouldContain("RepetitionPenalty is 0"),
            text => text.ShouldContain("the stop token 29 is not in the vocabulary of 29 tokens (0-28)"), text => text.ShouldContain("the stop token -1"));
        Message(new GenerationOptions { Samples = 2 }).ShouldContain("give Sampling");
        Message(new GenerationOptions { StopStrings = ["a"] }).ShouldContain("has no tokenizer");
        Should.Throw<ArgumentException>(() => model.On(RunInput.Of(Prompts)).Generate(new GenerationOptions())).Message.ShouldContain("pad on the left");
        Should.Throw<ArgumentOutOfRangeException>(() => Position.GeneratedAt(^2..)).Message.ShouldContain("names no new tokens");
        Should.Throw<InvalidOperationException>(() => model.On([[1, 2]]).Capture(ResidPost).GenerateStream()).Message.ShouldContain("keeps no activations");
        Should.Throw<ArgumentException>(() => model.On([[1, 2]]).GenerateStream(new GenerationOptions { Tokens = -1 })).Message.ShouldContain("Tokens is -1");
        Should.Throw<ArithmeticException>(() => model.On([[1, 2]]).Scale(ResidPost[2], double.NaN).Generate(new GenerationOptions { Sampling = new Sampling() })).Message.ShouldContain("NaN");
        Should.Throw<ArgumentOutOfRangeException>(() => model.On([[1, 2]]).Zero(Z[1].Head(9)).Generate(new GenerationOptions())).Message.ShouldContain("No head 9");
    }

    [Fact]
    public void Generate_WhateverHappens_LeavesNoTensorBehind()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var plan = model.On(RunInput.Of(Prompts, PaddingSide.Left)).Capture(ResidPost, Pattern, Z[1].Head(2)).Ablate(MlpOut[0], Ablation.MeanOver(model.On(Prompts), perPosition: false));
        var options = new GenerationOptions { Tokens = 4, KeepLogits = true, Samples = 2, RepetitionPenalty = 1.2, Sampling = new Sampling { TopK = 9, TopP = 0.9, MinP = 0.01 } };
        void Both()
        {
            plan.Generate(options).Dispose();
            Should.Throw<DivideByZeroException>(() => plan.Apply(MlpOut[1].At(Position.GeneratedAt(2..)), _ => throw new DivideByZeroException()).Generate(options));
            using var source = new CancellationTokenSource();
            source.Cancel();
            Should.Throw<OperationCanceledException>(() => plan.Generate(options, cancellation: source.Token));
        }
        Both();
        LiveTensors.ShouldStayEqual(Both);
    }

    private sealed class Reporter(List<GeneratedToken> tokens) : IProgress<GeneratedToken>
    {
        public void Report(GeneratedToken value) => tokens.Add(value);
    }
}
