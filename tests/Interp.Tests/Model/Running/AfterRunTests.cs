namespace Interp.Tests.Model.Running;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>A run leaves no trace on the model and no tensor behind, whatever happened in it.</summary>
[Trait("Tier", "model")]
public sealed class AfterRunTests
{
    private static readonly RunInput Prompts = TinyModel.Tokens(TinyModel.Llama, 2, 6, seed: 1);
    private static readonly RunInput Others = TinyModel.Tokens(TinyModel.Llama, 2, 6, seed: 2);

    private static readonly Tensor Direction = ones([TinyModel.Llama.DModel], dtype: ScalarType.Float64).DetachFromDisposeScope();

    public static TheoryData<string> Names => [.. Actions.Keys];

    private static readonly Dictionary<string, Action<HookedTransformer>> Actions = new()
    {
        ["logits"] = m => m.On(Prompts).Logits().Dispose(),
        ["captures"] = m => m.On(Prompts).CaptureAll().Capture(Result, QInput).Run().Dispose(),
        ["edits"] = m => m.On(Prompts).Zero(Z[1].Head(2)).Scale(MlpOut[0].At(^1), 3).Logits().Dispose(),
        ["an edit that throws"] = m => Should.Throw<DivideByZeroException>(() => m.On(Prompts).CaptureAll().Apply(MlpOut[1], _ => throw new DivideByZeroException()).Run()),
        ["an edit of the wrong shape"] = m => Should.Throw<ArgumentException>(() => m.On(Prompts).CaptureAll().Apply(MlpOut[1], x => x[.., 0]).Run()),
        ["cancelled"] = m =>
        {
            using var source = new CancellationTokenSource();
            var plan = m.On(Prompts).CaptureAll().Apply(MlpOut[0], x =>
            {
                source.Cancel();
                return x;
            });
            Should.Throw<OperationCanceledException>(() => plan.Run(source.Token));
        },
        ["gradients"] = m => m.On(Prompts).Gradients(Metric.LogitDifference(1, 2), ResidPre, Pattern, Z).Dispose(),
        ["gradients that throw"] = m => Should.Throw<ArgumentException>(() => m.On(Prompts).Gradients(Metric.LogitDifference(1, 2), ResidPre.At(1))),
        ["generation"] = m => m.On(Prompts).Add(ResidPost[0].At(Position.Last), Direction).GenerateTokens(4),
        ["ablation by a mean"] = m => m.On(Prompts).Ablate(Z[0], Ablation.MeanOver(m.On(Others))).Logits().Dispose(),
        ["moments"] = m => m.On(Prompts).Stream([ResidPost, Z], batchSize: 1).Dispose(),
        ["planned sweep"] = m => Study(m).Patch(ResidPre.ByPosition()),
        ["batched sweep"] = m => Study(m).Patch(Q.ByHead().ByPosition()),
        ["edges"] = m => Study(m).Edges(Method.EapIg(2)).Greedy(8).Faithfulness(),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void AnyRun_Afterwards_SameBitsAndNoTensorLeft(string name)
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        using var before = model.On(Prompts).Logits();
        Actions[name](model); // once, so that what is made once for all is there
        LiveTensors.ShouldStayEqual(() => Actions[name](model));
        using var after = model.On(Prompts).Logits();
        var same = after.Equals(before);
        Evidence.Record("after-run", same, name);
        same.ShouldBeTrue();
    }

    [Fact]
    public void TwoThreads_OneModel_GiveEachItsOwnResult()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        using var plain = model.On(Prompts).Logits();
        using var scaled = model.On(Prompts).Scale(MlpOut, 2).Logits();
        Parallel.For(0, 40, i =>
        {
            using var logits = (i % 2 == 0 ? model.On(Prompts) : model.On(Prompts).Scale(MlpOut, 2)).Logits();
            logits.Equals(i % 2 == 0 ? plain : scaled).ShouldBeTrue();
        });
    }

    [Fact]
    public void Stream_MeanAndCovariance_EqualThoseOfTheWholeCache()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var input = RunInput.Of([[1, 2, 3, 4], [5, 6], [7, 8, 9], [10, 11, 12, 13], [14]]);
        using var moments = model.On(input).Stream([ResidPost[1], Z[2].Head(1)], batchSize: 2);
        using var scope = NewDisposeScope();
        var tokens = cat([.. input.Rows.Select(r => model.On([r]).Capture(ResidPost[1]).Run()[ResidPost[1]][0])], 0); // [tokens, d_model]
        var centred = tokens - tokens.mean([0L]);
        var (mean, covariance) = ((moments[ResidPost[1]].Mean - tokens.mean([0L])).abs().max().ToDouble(),
            (moments[ResidPost[1]].Covariance() - centred.t().mm(centred) / tokens.shape[0]).abs().max().ToDouble());
        moments[ResidPost[1]].Count.ShouldBe(14);
        moments[Z[2]].Mean.shape.ShouldBe([4]);
        Evidence.Record("streamed-statistics", Math.Max(mean, covariance) < 1e-6, Evidence.Text(Math.Max(mean, covariance)));
        mean.ShouldBeLessThan(1e-10);
        covariance.ShouldBeLessThan(1e-10);
    }

    [Fact]
    public void CaptureBytes_OfEverySite_AreTheCachesBytes()
    {
        using var model = TinyModel.Random(TinyModel.Llama, dtype: ScalarType.Float32);
        var plan = model.On(Prompts).CaptureAll().Capture(Result, KInput, Z.At(Position.Last), Pattern[1].Head(2));
        using var run = plan.Run();
        plan.CaptureBytes().ShouldBe(run.Cache.Bytes);
    }

    [Fact]
    public void StopGradient_AtASite_EqualsTheAnalyticGradient()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var metric = Metric.LogitDifference(1, 2);
        using var scope = NewDisposeScope();
        // With the gradient stopped at every sublayer's output behind it, only the residual stream itself carries the gradient to the first block:
        // it equals the gradient at the last block's output.
        var plan = model.On(Prompts);
        using var stopped = plan.StopGradient(AttnOut).StopGradient(MlpOut).Gradients(metric, ResidPre[0], ResidPost[^1]);
        var worst = (stopped[ResidPre[0]] - stopped[ResidPost[^1]]).abs().max().ToDouble();
        stopped[ResidPost[^1]].abs().max().ToDouble().ShouldBeGreaterThan(1e-3);
        using var whole = plan.Gradients(metric, ResidPre[0], ResidPost[^1]);
        (whole[ResidPre[0]] - stopped[ResidPre[0]]).abs().max().ToDouble().ShouldBeGreaterThan(1e-3);
        Evidence.Record("stop-gradient", worst <= 1e-6, Evidence.Text(worst));
        worst.ShouldBeLessThan(1e-12);
    }

    [Fact]
    public void ScaleAndReplaceGradient_AtTheLastBlock_ActAsSaid()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var metric = Metric.LogitDifference(1, 2);
        using var scope = NewDisposeScope();
        var plan = model.On(Prompts).StopGradient(AttnOut).StopGradient(MlpOut);
        using var plain = plan.Gradients(metric, ResidPre[0]);
        using var scaled = plan.ScaleGradient(ResidPre[1], -3).Gradients(metric, ResidPre[0]);
        (scaled[ResidPre[0]] + plain[ResidPre[0]] * 3).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        using var replaced = plan.ReplaceGradient(ResidPre[1], Direction).Gradients(metric, ResidPre[0]);
        (replaced[ResidPre[0]] - Direction).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        using var part = plan.ScaleGradient(ResidPre[1].At(2), 0).Gradients(metric, ResidPre[0]);
        part[ResidPre[0]][.., 2].abs().max().ToDouble().ShouldBe(0);
        (part[ResidPre[0]][.., 5] - plain[ResidPre[0]][.., 5]).abs().max().ToDouble().ShouldBe(0);
    }

    [Fact]
    public void Plan_OfWhatTheModelLacks_NamesTheNearest()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        Should.Throw<ArgumentException>(() => model.On(Prompts).Capture(ResidPre[12]).Run()).Message.ShouldContain("3 blocks (0-2)");
        Should.Throw<ArgumentException>(() => model.On(Prompts).Capture(PosEmbed).Run()).Message.ShouldContain("hook_embed");
        Should.Throw<ArgumentOutOfRangeException>(() => model.On(Prompts).Zero(V[1].Head(2)).Logits()).Message.ShouldContain("there are 2 (0-1)");
        Should.Throw<FormatException>(() => HookName.Parse("blocks.0.attn.hook_patern")).Message.ShouldContain("attn.hook_pattern");
        Should.Throw<ArgumentOutOfRangeException>(() => model.On([[1, 29]]).Logits()).Message.ShouldContain("29 tokens (0-28)");
        Should.Throw<ArgumentException>(() => Z.ByNeuron().By("query")).Message.ShouldContain("no axis 'query'");
    }

    private static Contrast Study(HookedTransformer model) => model.Contrast(Prompts, Others, Metric.LogitDifference(1, 2));
}
