namespace Interp.Tests.Model.Patching;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;
using Unit = Interp.Unit;

/// <summary>Sweeps with other metrics, narrowed grids, padded prompts and edited runs give the serial sweep's numbers.</summary>
[Trait("Tier", "model")]
public sealed class SweepVariationTests : IDisposable
{
    private static readonly Dictionary<string, UnitGrid> Grids = new()
    {
        ["layers and positions"] = ResidPre[1..].At(2..5).ByPosition(),
        ["one layer from the end"] = Of(ResidMid)[^1].ByPosition(),
        ["a list of heads"] = Z[1].Head(new[] { 0, 3 }).ByHead(),
        ["heads, positions first"] = Z.At(1..).ByPosition().ByHead(),
        ["one head by position"] = Z.Head(1).ByPosition(),
        ["the last position by layer"] = ResidPost.At(Position.Last).ByLayer(),
        ["a range of positions together"] = AttnOut.At(1..4).ByLayer(),
        ["some neurons"] = MlpPost.Neuron(3..9).ByNeuron(),
        ["all heads together"] = Z.ByLayer(),
        ["results"] = Result.ByHead().ByPosition(),
        ["keys by group and position"] = K.ByHead().ByPosition(),
        ["rotated keys"] = RotK.At(1..4).ByHead(),
        ["one query head"] = Q[1].Head(3).ByPosition(),
        ["dimensions of queries"] = Q[1].Head(3).Along("d_head", 1..3).ByPosition(),
        ["dimensions of values"] = V[1].Head(1).Along("d_head", 1..3).ByPosition(),
        ["some dimensions of the stream"] = ResidMid.Neuron(2..7).ByPosition(),
        ["some positions of z"] = Z.At(new[] { 2, 5 }).ByHead(),
        ["scores of one key"] = Unit.Of(AttnScores).Source(2).ByHead(),
        ["windows of layers"] = MlpOut.ByPosition().Window(2),
        ["pattern entries"] = Pattern[1].Head(2).Dest(3..5).ByPosition().BySource(),
        ["pattern entries of later layers"] = Unit.Of(Pattern)[1..].Source(2).ByHead(),
        ["embedding"] = Of(Embed).ByPosition(),
        ["split inputs"] = QInput.ByHead(),
        ["the norm's scale"] = Ln2Scale.ByPosition(),
        ["the final norm"] = Of(FinalNormalized).ByPosition(),
    };

    private static readonly Dictionary<string, Func<Tensor, Metric>> Metrics = new()
    {
        ["kl"] = clean => Metric.KlFrom(clean),
        ["negative log-probability"] = _ => Metric.NegativeLogProbability([1, 2, 3]),
        ["function"] = _ => Metric.Of("spread", logits => logits.max(-1).values - logits.mean([-1])),
        ["one answer for all"] = _ => Metric.LogitDifference(3, 9),
        ["every position"] = _ => new EveryPosition(),
    };

    private readonly HookedTransformer model = TinyModel.Random(TinyModel.Llama, seed: 3);

    public static TheoryData<string> GridNames => [.. Grids.Keys];

    public static TheoryData<string> MetricNames => [.. Metrics.Keys];

    public void Dispose() => model.Dispose();

    [Theory]
    [MemberData(nameof(GridNames))]
    public void Patch_NarrowedGrid_EqualsSerial(string grid)
    {
        var (clean, corrupted) = Prompts();
        ShouldEqualSerial(model.Contrast(clean, corrupted, Metric.LogitDifference([1, 2, 3], [4, 5, 6])), Grids[grid]);
    }

    [Theory]
    [MemberData(nameof(MetricNames))]
    public void Patch_OtherMetric_EqualsSerial(string metric)
    {
        var (clean, corrupted) = Prompts();
        using var scope = NewDisposeScope();
        var probabilities = model.On(clean).LogitsAt(Position.Last).Logits().squeeze(1).log_softmax(-1);
        var study = model.Contrast(clean, corrupted, Metrics[metric](probabilities));
        ShouldEqualSerial(study, ResidPre.ByPosition());
        ShouldEqualSerial(study, Z.ByHead());
        ShouldEqualSerial(study.Noising(), V.ByHead());
    }

    [Theory]
    [InlineData(PaddingSide.Left)]
    [InlineData(PaddingSide.Right)]
    public void Patch_PaddedPrompts_EqualsSerialAndEachPromptAlone(PaddingSide side)
    {
        int[][] clean = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10]];
        int[][] corrupted = [[1, 2, 13, 4, 5, 6], [7, 18, 9, 10]];
        var metric = Metric.LogitDifference(1, 2);
        var study = model.Contrast(RunInput.Of(clean, side), RunInput.Of(corrupted, side), metric);
        ShouldEqualSerial(study, ResidPre.ByPosition());
        var together = study.Patch(Z.ByHead());
        var alone = clean.Zip(corrupted, (c, d) => model.Contrast(RunInput.Of([c]), RunInput.Of([d]), metric).Patch(Z.ByHead())).ToArray();
        for (var cell = 0; cell < together.Patched.Count; cell++)
            for (var prompt = 0; prompt < 2; prompt++)
                together.PerPrompt(cell)[prompt].ShouldBe(alone[prompt].PerPrompt(cell)[0], 1e-10);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Patch_RunsWithEdits_EqualsSerial(bool noising)
    {
        var (clean, corrupted) = Prompts();
        var study = model.On(clean).Scale(Embed.At(0), 3).Contrast(model.On(corrupted), Metric.LogitDifference(1, 2));
        foreach (var grid in new[] { ResidPost.ByLayer(), ResidPre.ByPosition(), Z.ByHead(), MlpOut.ByLayer() })
            ShouldEqualSerial(noising ? study.Noising() : study, grid);
    }

    [Theory]
    [InlineData(PatchStrategy.Planned)]
    [InlineData(PatchStrategy.Batched)]
    [InlineData(PatchStrategy.Serial)]
    public void Patch_CancelledHalfWay_LeavesNothing(PatchStrategy strategy)
    {
        var (clean, corrupted) = Prompts();
        var study = model.Contrast(clean, corrupted, Metric.LogitDifference(1, 2));
        var options = new PatchOptions { Strategy = strategy, MemoryBudget = 50_000 };
        List<int> steps = [];
        var patched = study.Patch(ResidPre.ByPosition(), options, new Steps(steps.Add));
        steps[^1].ShouldBe(patched.Patched.Count);
        steps.Count.ShouldBeGreaterThan(2);
        LiveTensors.ShouldStayEqual(() =>
        {
            using var source = new CancellationTokenSource();
            Should.Throw<OperationCanceledException>(() => study.Patch(ResidPre.ByPosition(), options, new Steps(done =>
            {
                if (done > steps[0])
                    source.Cancel();
            }), source.Token));
        });
    }

    [Fact]
    public void Patch_InFloat32_EqualsSerialToItsRounding()
    {
        using var single = TinyModel.Random(TinyModel.Llama, seed: 3, dtype: ScalarType.Float32);
        var (clean, corrupted) = Prompts();
        ShouldEqualSerial(single.Contrast(clean, corrupted, Metric.LogitDifference(1, 2)), ResidPre.ByPosition(), 3e-5);
    }

    // More keys than the kernel for short prompts takes.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Patch_LongPrompts_EqualsSerial(bool rotary)
    {
        using var model = TinyModel.Random((rotary ? TinyModel.Llama : TinyModel.Gpt2) with { Context = 280 }, seed: 3);
        var clean = TinyModel.Tokens(model.Config, 2, 260, seed: 5);
        var corrupted = RunInput.Of(clean.Rows.Select(r => r.Select((t, i) => i is 40 or 257 ? (t + 7) % model.Config.DVocab : t).ToArray()));
        var study = model.Contrast(clean, corrupted, Metric.LogitDifference(1, 2));
        foreach (var grid in new[] { ResidPre.At(new[] { 40, 257, 259 }).ByPosition(), K.At(new[] { 40, 257 }).ByPosition(), Z.ByHead() })
        {
            var serial = study.Patch(grid, new PatchOptions { Strategy = PatchStrategy.Serial });
            var planned = study.Patch(grid);
            for (var cell = 0; cell < serial.Patched.Count; cell++)
                planned.PerPrompt(cell).Zip(serial.PerPrompt(cell), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-10, $"{grid} cell {cell}");
            serial.Effect.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-6);
        }
    }

    private static Unit Of(Site site) => site;

    private static void ShouldEqualSerial(Contrast study, UnitGrid grid, double tolerance = 1e-10)
    {
        var serial = study.Patch(grid, new PatchOptions { Strategy = PatchStrategy.Serial });
        var scale = Math.Max(1, serial.Patched.Values.ToArray().Max(Math.Abs));
        foreach (var options in new[] { new PatchOptions { Strategy = PatchStrategy.Batched, MemoryBudget = 100_000 }, new PatchOptions { MemoryBudget = 100_000 }, new PatchOptions() })
        {
            var other = study.Patch(grid, options);
            other.Patched.Shape.ShouldBe(serial.Patched.Shape);
            for (var cell = 0; cell < serial.Patched.Count; cell++)
                other.PerPrompt(cell).Zip(serial.PerPrompt(cell), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(tolerance * scale, $"{grid} cell {cell}");
        }
        serial.Effect.Values.ToArray().Max(Math.Abs).ShouldBeGreaterThan(1e-6);
    }

    // Three prompts that differ from their corruptions at positions 2 and 5.
    private static (RunInput Clean, RunInput Corrupted) Prompts()
    {
        var clean = TinyModel.Tokens(TinyModel.Llama, 3, 7, seed: 5);
        return (clean, RunInput.Of(clean.Rows.Select(r => r.Select((t, i) => i is 2 or 5 ? (t + 7) % TinyModel.Llama.DVocab : t).ToArray())));
    }

    private sealed class Steps(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }

    private sealed class EveryPosition : Metric
    {
        public override string Name => "mean logit of token 3";

        public override Indices Positions => Position.All;

        public override Tensor PerPrompt(Tensor logits) => logits.select(-1, 3).mean([1L]);
    }
}
