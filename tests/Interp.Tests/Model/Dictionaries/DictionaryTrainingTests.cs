namespace Interp.Tests.Model.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Training from a model's activations, and evaluation inside it.</summary>
[Trait("Tier", "model")]
public sealed class DictionaryTrainingTests
{
    private static readonly HookName At = new(ResidPost, 0);
    private static readonly DictionaryConfig Config = new() { DIn = 16, Width = 48, Activation = LatentActivation.TopK(6), Input = At };
    private static readonly DictionaryTrainingOptions Options =
        DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, Config.Activation) with { Steps = 60, BatchRows = 64, LearningRate = 5e-3 };

    [Fact]
    public void TrainDictionary_SameSeed_SameWeightsAndLessError()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var steps = new List<DictionaryStep>();
        using var first = model.TrainDictionary(Config, Prompts(400), Options, new ActivationStreamOptions { BufferRows = 512 }, new Listed(steps));
        using var second = model.TrainDictionary(Config, Prompts(400), Options, new ActivationStreamOptions { BufferRows = 512 });
        GoldenCompare.Doubles(first.Weights.Encoder).ShouldBe(GoldenCompare.Doubles(second.Weights.Encoder));
        steps.Count.ShouldBe(60);
        steps[^1].Unexplained.ShouldBeLessThan(0.5 * steps[0].Unexplained);
        steps[^1].L0.ShouldBeLessThanOrEqualTo(6);
        first.Config.ModelName.ShouldBe("tiny-gpt2");
    }

    [Theory]
    [InlineData("topk")]
    [InlineData("batchtopk")]
    public void TrainDictionary_StoppedAndResumed_SameBits(string kind)
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var config = Config with { Activation = kind == "topk" ? LatentActivation.TopK(6) : LatentActivation.BatchTopK(6) };
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.SaeLens, config.Activation) with { Steps = 30, BatchRows = 64, DeadAfter = 3 };
        var stream = new ActivationStreamOptions { BufferRows = 256 };
        var kept = stream with { Checkpoint = folder.File("training.safetensors"), CheckpointEvery = 7 };
        using var whole = model.TrainDictionary(config, Prompts(400), options, stream);
        using var source = new CancellationTokenSource();
        var stopped = new Stopping(source, 17);
        Should.Throw<OperationCanceledException>(() => model.TrainDictionary(config, Prompts(400), options, kept, stopped, source.Token));
        var steps = new List<DictionaryStep>();
        using var resumed = model.TrainDictionary(config, Prompts(400), options, kept, new Listed(steps));
        steps[0].Number.ShouldBe(14);
        foreach (var (a, b) in whole.Weights.Named().Zip(resumed.Weights.Named()))
            GoldenCompare.Doubles(b.Tensor).ShouldBe(GoldenCompare.Doubles(a.Tensor), a.Name);
        resumed.BatchThreshold.ShouldBe(whole.BatchThreshold);
        Evidence.Record("sae-resume", true, $"{kind}: equal");
        Should.Throw<InvalidDataException>(() => model.TrainDictionary(config with { Width = 50 }, Prompts(400), options, kept)).Message.ShouldContain("another training");
    }

    [Fact]
    public void TrainDictionary_Transcoder_LearnsTheMlp()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var config = new DictionaryConfig
        {
            DIn = 16, Width = 64, Activation = LatentActivation.TopK(8), CentreInput = false,
            Input = new HookName(MlpInput, 1), Output = new HookName(MlpOutRaw, 1),
        };
        var steps = new List<DictionaryStep>();
        using var transcoder = model.TrainDictionary(config, Prompts(400), Options, new ActivationStreamOptions { BufferRows = 512 }, new Listed(steps));
        steps[^1].Unexplained.ShouldBeLessThan(0.7 * steps[0].Unexplained);
    }

    [Fact]
    public void TrainDictionaries_SeveralKindsAndSites_LearnWhatTheyLearnAlone()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var other = Config with { Activation = LatentActivation.BatchTopK(4), Width = 40, Input = new HookName(ResidPre, 2) };
        DictionaryPlan[] plans = [new(Config, Options), new(other, Options with { Steps = 40 }, Seed: 5)];
        var stream = new ActivationStreamOptions { BufferRows = 512 };
        var steps = new List<DictionaryStep>();
        var trained = model.TrainDictionaries(plans, Prompts(400), stream, new Listed(steps));
        using var first = model.TrainDictionary(Config, Prompts(400), Options, stream);
        foreach (var (a, b) in first.Weights.Named().Zip(trained[0].Weights.Named()))
            GoldenCompare.Doubles(b.Tensor).ShouldBe(GoldenCompare.Doubles(a.Tensor), a.Name);
        steps.CountBy(step => step.Plan).OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)).ShouldBe([(0, 60), (1, 40)]);
        steps[^1].RowsPerSecond.ShouldBeGreaterThan(0);
        trained[1].Config.Input.ShouldBe(new HookName(ResidPre, 2));
        foreach (var dictionary in trained)
            dictionary.Dispose();
        Should.Throw<ArgumentException>(() => model.TrainDictionaries([plans[0], plans[1] with { Options = Options with { BatchRows = 32 } }], Prompts(400)))
            .Message.ShouldContain("same BatchRows");
        Should.Throw<ArgumentException>(() => model.TrainDictionaries([], Prompts(400)));
    }

    [Fact]
    public void TrainDictionary_ScaledInput_IsFoldedAway()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var steps = new List<DictionaryStep>();
        using var dictionary = model.TrainDictionary(Config, Prompts(400), Options with { ScaleInput = true }, new ActivationStreamOptions { BufferRows = 512 }, new Listed(steps));
        using var run = model.On(Prompts(1).First()).Capture(At).WithoutLogits().Run();
        var x = run[At].flatten(0, 1);
        var unexplained = ((dictionary.Reconstruct(x) - x).square().sum() / (x - x.mean([0L], keepdim: true)).square().sum()).ToDouble();
        unexplained.ShouldBeLessThan(2 * steps[^1].Unexplained);
    }

    [Fact]
    public void TrainDictionary_BadPlan_Throws()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        Should.Throw<ArgumentException>(() => model.TrainDictionary(Config with { Width = 5 }, Prompts(4), Options)).Message.ShouldContain("k = 6 must be over 0 and at most the width 5");
        Should.Throw<ArgumentException>(() => model.TrainDictionary(Config with { Width = 0 }, Prompts(4), Options)).Message.ShouldContain("widths must be at least 1");
        Should.Throw<ArgumentException>(() => model.TrainDictionary(Config, Prompts(4), Options with { SteerToL0 = 5 })).Message.ShouldContain("fixes L0 itself");
        Should.Throw<ArgumentException>(() => model.TrainDictionary(Config with { DIn = 17 }, Prompts(4), Options));
        Should.Throw<ArgumentException>(() => model.TrainDictionary(Config, Prompts(4), Options, new ActivationStreamOptions { CheckpointEvery = 0 })).Message.ShouldContain("CheckpointEvery");
        Should.Throw<InvalidOperationException>(() => model.TrainDictionary(Config, [], Options)).Message.ShouldContain("0 of 60 steps");
    }

    [Fact]
    public void TrainDictionary_PromptsEnd_SaysHowFar()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        Should.Throw<InvalidOperationException>(() => model.TrainDictionary(Config, Prompts(3), Options)).Message.ShouldContain("of 60 steps");
    }

    [Fact]
    public void TrainDictionary_Cancelled_Throws()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Should.Throw<OperationCanceledException>(() => model.TrainDictionary(Config, Prompts(400), Options, cancellation: source.Token));
    }

    [Fact]
    public void Batches_ExcludedTokensAndPadding_LeftOut()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var prompt = RunInput.Of([[0, 5, 6, 7], [0, 8]]);
        var stream = new ActivationStream(model, Config, [prompt], new ActivationStreamOptions { Without = [0] });
        var rows = 0L;
        foreach (var batch in stream.Batches(1))
            using (batch)
                rows += batch.Input.shape[0];
        rows.ShouldBe(4);
    }

    [Fact]
    public void Batches_AllRows_AreTheActivationsInAnotherOrder()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var prompts = Prompts(5).ToArray();
        var sums = new List<double>();
        foreach (var batch in new ActivationStream(model, Config, prompts, new ActivationStreamOptions { BufferRows = 16 }).Batches(8))
            using (batch)
                sums.AddRange(GoldenCompare.Doubles(batch.Input.sum(-1L)));
        var all = prompts.SelectMany(p =>
        {
            using var run = model.On(p).Capture(At).WithoutLogits().Run();
            return GoldenCompare.Doubles(run[At].sum(-1L));
        }).ToArray();
        sums.Order().ShouldBe(all.Order());
        sums.SequenceEqual(all).ShouldBeFalse();
    }

    [Fact]
    public void Evaluate_PerfectDictionary_RecoversAll()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Perfect();
        var evaluation = model.Evaluate(dictionary, Prompts(3));
        evaluation.Unexplained.ShouldBeLessThan(1e-20);
        evaluation.Recovered.ShouldBe(1, 1e-9);
        evaluation.Divergence.ShouldBeLessThan(1e-12);
        evaluation.Cosine.ShouldBe(1, 1e-12);
        evaluation.L0.ShouldBe(16, 1e-9);
        evaluation.Loss.ShouldBe(Prompts(3).Average(p => model.On(p).Loss()), 1e-12);
        evaluation.LossZero.ShouldBe(Prompts(3).Average(p => model.On(p).Zero(At).Loss()), 1e-12);
        evaluation.RecoveredAgainstMean.ShouldBe(1, 1e-9);
    }

    // Each dimension as two rectified halves.
    private static SparseDictionary Perfect()
    {
        using var scope = NewDisposeScope();
        var both = cat([eye(16, dtype: ScalarType.Float64), -eye(16, dtype: ScalarType.Float64)], 0); // [32, 16]
        Tensor Kept(Tensor tensor) => tensor.contiguous().clone().DetachFromDisposeScope();
        return SparseDictionary.Create(Config with { Width = 32, Activation = LatentActivation.Relu }, new DictionaryWeights
        {
            Encoder = Kept(both.t()), EncoderBias = Kept(zeros([32], dtype: ScalarType.Float64)), Decoder = Kept(both), DecoderBias = Kept(zeros([16], dtype: ScalarType.Float64)),
        });
    }

    private static IEnumerable<RunInput> Prompts(int count) => Enumerable.Range(0, count).Select(i => TinyModel.Tokens(TinyModel.Gpt2, 2, 8, 100 + i));

    private sealed class Stopping(CancellationTokenSource source, int after) : IProgress<DictionaryStep>
    {
        public void Report(DictionaryStep value)
        {
            if (value.Number == after)
                source.Cancel();
        }
    }

    private sealed class Listed(List<DictionaryStep> steps) : IProgress<DictionaryStep>
    {
        public void Report(DictionaryStep value) => steps.Add(value);
    }
}
