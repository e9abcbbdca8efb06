namespace Interp.Tests.Unit.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Controls of training: L0 is steered, dead latents are resampled, products may be narrow.</summary>
[Trait("Tier", "unit")]
public sealed class TrainingControlTests
{
    [Theory]
    [InlineData("relu")]
    [InlineData("jumprelu")]
    public void Step_SteeredL0_ComesThere(string kind)
    {
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(40, 16, 0.1, 2);
        LatentActivation activation = kind == "relu" ? LatentActivation.Relu : LatentActivation.JumpRelu();
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 16, Width = 64, Activation = activation }, 0);
        var options = new DictionaryTrainingOptions { Steps = 900, LearningRate = 3e-3, Sparsity = 0.01, SteerToL0 = 5, SteerRate = 0.01, JumpPenalty = JumpPenalty.Step };
        using var trainer = new DictionaryTrainer(dictionary, options);
        var last = new List<double>();
        for (var i = 0; i < options.Steps; i++)
        {
            var done = trainer.Step(features.Sample(128));
            if (i >= options.Steps - 200)
                last.Add(done.L0);
        }
        last.Average().ShouldBe(5, 0.75);
        trainer.SparsityFactor.ShouldNotBe(1);
    }

    [Fact]
    public void Step_ResampledAtTimes_DeadLatentsLive()
    {
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(40, 16, 0.1, 2);
        var config = new DictionaryConfig { DIn = 16, Width = 64, Activation = LatentActivation.Relu };
        int[] Dead(int every)
        {
            using var dictionary = SparseDictionary.Initialise(config, 0);
            using (no_grad())
                dictionary.Weights.EncoderBias.narrow(0, 0, 20).fill_(-100);
            var options = new DictionaryTrainingOptions { Steps = 100, LearningRate = 1e-3, Sparsity = 1e-3, DeadAfter = 10, ResampleEvery = every, ResampleUntil = 40 };
            using var trainer = new DictionaryTrainer(dictionary, options);
            return [.. Enumerable.Range(0, 100).Select(_ => trainer.Step(features.Sample(128)).Dead)];
        }
        Dead(0)[^1].ShouldBeGreaterThanOrEqualTo(20);
        var resampled = Dead(20);
        resampled[19].ShouldBeGreaterThanOrEqualTo(20);
        resampled[20].ShouldBe(0);
        resampled[35].ShouldBeLessThan(20); // long enough for those to be dead that have not fired since
    }

    [Fact]
    public void Step_ProductsInBfloat16_LearnNearlyTheSame()
    {
        using var scope = NewDisposeScope();
        var config = new DictionaryConfig { DIn = 16, Width = 64, Activation = LatentActivation.TopK(4) };
        double Unexplained(ScalarType? products)
        {
            using var features = SyntheticFeatures.Random(40, 16, 0.1, 2);
            using var dictionary = SparseDictionary.Initialise(config, 0, DictionaryRecipe.Gao2024);
            var options = DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, config.Activation) with { Steps = 300, LearningRate = 3e-3, Products = products };
            using var trainer = new DictionaryTrainer(dictionary, options);
            var all = Enumerable.Range(0, 300).Select(_ => trainer.Step(features.Sample(128)).Unexplained).ToArray();
            dictionary.Dtype.ShouldBe(ScalarType.Float32);
            return all[^20..].Average();
        }
        var (wide, narrow) = (Unexplained(null), Unexplained(ScalarType.BFloat16));
        narrow.ShouldNotBe(wide);
        narrow.ShouldBe(wide, 0.15 * wide);
        using var half = SparseDictionary.Initialise(config, 0, dtype: ScalarType.BFloat16);
        Should.Throw<ArgumentException>(() => new DictionaryTrainer(half, new DictionaryTrainingOptions())).Message.ShouldContain("train in float32");
    }
}
