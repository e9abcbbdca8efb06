namespace Interp.Tests.Model.Analysis;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Shares of a logit sum to it, whatever the model is built of; sources sum to their head.</summary>
[Trait("Tier", "model")]
public sealed class LogitAttributionTests
{
    private const int Length = 6;

    [Theory]
    [InlineData(ScalarType.Float64, 1e-10)]
    [InlineData(ScalarType.Float32, 1e-5)]
    public void AttributeLogit_RandomModels_SumsToTheLogit(ScalarType dtype, double tolerance)
    {
        var worst = Enumerable.Range(0, 16).Max(seed =>
        {
            var off = Worst(seed, dtype);
            off.ShouldBeLessThan(tolerance, $"model {seed}: {Drawn(seed)}");
            return off;
        });
        Interp.Evidence.Record("readouts-sums", worst < 1e-5, $"{dtype}: 16 models by components, heads, neurons and source tokens, at most {Interp.Evidence.Text(worst)} of the largest logit");
    }

    [Fact]
    public void AttributeLogit_AtPositions_IsThatPartOfTheWhole()
    {
        using var model = TinyModel.Random(TinyModel.Llama with { PostNorms = true });
        using var run = model.On(RunInput.Of([[1, 2, 3], [4, 5, 6, 7, 8]])).CaptureAll().Run();
        foreach (var parts in Enum.GetValues<LogitParts>())
        {
            var whole = run.AttributeLogit(3, 4, parts).Shares;
            var last = run.AttributeLogit(3, 4, parts, Position.Last).Shares;
            var some = run.AttributeLogit(3, 4, parts, 1..3).Shares;
            last.Shape.ShouldBe([whole.Shape[0], 2, 1]);
            for (var part = 0; part < whole.Shape[0]; part++)
            {
                last[part, 0, 0].ShouldBe(whole[part, 0, 2], 1e-12);
                last[part, 1, 0].ShouldBe(whole[part, 1, 4], 1e-12);
                some[part, 1, 1].ShouldBe(whole[part, 1, 2], 1e-12);
            }
        }
        var sources = run.AttributeLogitToSources(3, 4);
        var thin = run.AttributeLogitToSources(3, 4, layers: 1..2, positions: Position.Last);
        thin.Shape.ShouldBe([1, 4, 2, 1, 5]);
        thin[0, 2, 0, 0, 1].ShouldBe(sources[1, 2, 0, 2, 1], 1e-12);
        run.AttributeLogitToSources(3, 4, positions: 3)[0, 1, 1, 0, 2].ShouldBe(sources[0, 1, 1, 3, 2], 1e-12);
    }

    [Fact]
    public void LogitAttribution_ByParts_GivesHeadsNeuronsAndTheTop()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2 with { LogitSoftCap = 30 });
        using var run = model.On(TinyModel.Tokens(model.Config, 2, Length, 0)).CaptureAll().Run();
        var attribution = run.AttributeLogit(3, 4, LogitParts.Neurons, Position.Last);
        attribution.Heads.Shape.ShouldBe([3, 4, 2, 1]);
        attribution.Neurons.Shape.ShouldBe([3, 24, 2, 1]);
        attribution.Heads[1, 2, 1, 0].ShouldBe(attribution.Shares["component", "L1H2"][1, 0]);
        attribution.Neurons[2, 17, 1, 0].ShouldBe(attribution.Shares["component", "L2N17"][1, 0]);
        var top = attribution.Top(3, prompt: 1);
        top.Count.ShouldBe(3);
        Math.Abs(top[0].Value).ShouldBe(attribution.Shares["prompt", 1]["pos", 0].Values.ToArray().Max(Math.Abs));
        attribution.BeforeSoftCap.ShouldBeTrue();
        attribution.ToString().ShouldContain("before the soft cap of 30");
        attribution.Total.Quantity.ShouldContain("before the soft cap");
        var heads = run.AttributeLogit(3, parts: LogitParts.Heads);
        heads.Shares.AxisOf("component").Labels[^1].ShouldBe("constant");
        Should.Throw<InvalidOperationException>(() => heads.Neurons).Message.ShouldContain("LogitParts.Neurons");
        Should.Throw<InvalidOperationException>(() => run.AttributeLogit(3).Heads).Message.ShouldContain("LogitParts.Heads");
    }

    [Fact]
    public void SourceProjections_OntoADirection_SumToTheHead()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Llama);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, Length, 0)).Capture(Sites.Pattern, Sites.V, Sites.Z).Run();
        var direction = randn(16, dtype: ScalarType.Float64);
        var sources = run.Cache.SourceProjections(direction);
        using var heads = run.Cache.StackHeadResults();
        var whole = heads.Project(direction);
        for (var layer = 0; layer < 3; layer++)
            for (var head = 0; head < 4; head++)
                sources.Sum("source")[layer, head, 1, 4].ShouldBe(whole[layer * 4 + head, 1, 4], 1e-10);
        var both = run.Cache.SourceProjections(stack([direction, direction * 2], 0), layers: 2);
        both.Shape.ShouldBe([2, 1, 4, 2, Length, Length]);
        both[1, 0, 3, 1, 4, 2].ShouldBe(2 * sources[2, 3, 1, 4, 2], 1e-10);
        Should.Throw<ArgumentException>(() => run.Cache.SourceProjections(randn(15, dtype: ScalarType.Float64))).Message.ShouldContain("[15]");
        Should.Throw<KeyNotFoundException>(() => run.AttributeLogitToSources(3)).Message.ShouldContain("ln_final.hook_scale");
    }

    [Fact]
    public void AttributeLogit_BadTokens_SaySo()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var run = model.On(TinyModel.Tokens(model.Config, 2, Length, 0)).CaptureAll().Run();
        Should.Throw<ArgumentOutOfRangeException>(() => run.AttributeLogit(29)).Message.ShouldContain("29 tokens");
        Should.Throw<ArgumentException>(() => run.AttributeLogit([1, 2, 3])).Message.ShouldContain("3 tokens for 2 prompts");
        Should.Throw<ArgumentException>(() => run.AttributeLogit([1, 2], [1])).Message.ShouldContain("1 to subtract");
        Should.Throw<ArgumentException>(() => run.AttributeLogit([])).Message.ShouldContain("no token");
        using var thin = model.On([1, 2]).Capture(Sites.ResidPost).Run();
        Should.Throw<KeyNotFoundException>(() => thin.AttributeLogit(1)).Message.ShouldContain("Capture(");
        using var summed = TinyModel.Random(TinyModel.Gpt2 with { SumNorms = true });
        using var other = summed.On([1, 2]).CaptureAll().Run();
        Should.Throw<NotSupportedException>(() => other.AttributeLogit(1)).Message.ShouldContain("normalises");
        Should.Throw<NotSupportedException>(() => other.AttributeLogitToSources(1)).Message.ShouldContain("normalises");
        using var worded = Models.Load("induction-2l");
        Should.Throw<ArgumentException>(() => worded.SingleToken("owl fox")).Message.ShouldContain("wanted one");
    }

    [Fact]
    public void Attributions_Taken_LeaveNoTensor() => LiveTensors.ShouldStayEqual(() =>
    {
        using var model = TinyModel.Random(TinyModel.Gpt2 with { PostNorms = true });
        using var run = model.On([1, 2, 3]).CaptureAll().Run();
        foreach (var parts in Enum.GetValues<LogitParts>())
            run.AttributeLogit(3, 4, parts);
        run.AttributeLogitToSources(3);
    });

    private static (TransformerConfig Config, bool Processed) Drawn(int seed)
    {
        var random = new Random(seed);
        bool Toss() => random.Next(2) == 0;
        var (rms, parallel, post, gated, rotary) = (Toss(), Toss(), Toss(), Toss(), Toss());
        var config = TinyModel.Gpt2 with
        {
            Norm = rms ? NormKind.Rms : NormKind.LayerNorm,
            ParallelBlocks = parallel,
            PostNorms = post,
            PreNorms = !post || Toss(),
            GatedMlp = gated,
            Activation = gated ? Activation.Silu : Activation.GeluTanh,
            KeyValueHeads = Toss() ? 2 : 4,
            Positions = rotary ? PositionKind.Rotary : PositionKind.Learned,
            LogitSoftCap = Toss() ? 30 : 0,
        };
        return (config, seed % 2 == 0);
    }

    private static double Worst(int seed, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var (config, processed) = Drawn(seed);
        using var raw = TinyModel.Random(config, seed, dtype);
        using var model = processed ? raw.Process(WeightProcessing.TransformerLens) : raw.WithTokenizer(null);
        using var run = model.On(TinyModel.Tokens(config, 2, Length, seed)).CaptureAll().Run();
        int[] right = [3, 5], wrong = [4, 6];
        var shares = Enum.GetValues<LogitParts>().Max(parts => Math.Max(
            Off(run, run.AttributeLogit(right, parts: parts), right, null),
            Off(run, run.AttributeLogit(right, wrong, parts), right, wrong)));
        return Math.Max(shares, SourcesOff(run, run.AttributeLogit(3, 4, LogitParts.Heads), run.AttributeLogitToSources(3, 4)));
    }

    // The largest difference from the logits before the cap, over the largest logit.
    private static double Off(Run run, LogitAttribution attribution, int[] right, int[]? wrong)
    {
        using var scope = NewDisposeScope();
        var model = run.Model;
        var logits = run.Cache[Sites.UnembedIn].matmul(model.WU) + model.BU; // [batch, pos, d_vocab]
        var total = attribution.Total;
        var scale = logits.abs().max().ToDouble();
        var worst = 0d;
        for (var prompt = 0; prompt < 2; prompt++)
            for (var pos = 0; pos < Length; pos++)
            {
                var wanted = logits[prompt, pos, right[prompt]].ToDouble() - (wrong is null ? 0 : logits[prompt, pos, wrong[prompt]].ToDouble());
                worst = Math.Max(worst, Math.Abs(total[prompt, pos] - wanted) / scale);
            }
        return worst;
    }

    private static double SourcesOff(Run run, LogitAttribution heads, LabelledArray sources)
    {
        var (shares, sums) = (heads.Heads.Values.ToArray(), sources.Sum("source").Values.ToArray());
        sums.Length.ShouldBe(shares.Length);
        return shares.Zip(sums, (a, b) => Math.Abs(a - b)).Max() / shares.Max(Math.Abs);
    }
}
