namespace Interp.Tests.Unit.Dictionaries;

using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>A rule of a user's own: trained, with a weight of its own, like those that are built in.</summary>
[Trait("Tier", "unit")]
public sealed class OwnLatentActivationTests
{
    [Fact]
    public void Step_OwnRule_LearnsItsWeightAndLowersTheLoss()
    {
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(12, 8, 0.1, 2);
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 24, Activation = new LeakyLatents() }, 0);
        using var trainer = new DictionaryTrainer(dictionary, new DictionaryTrainingOptions { Steps = 200, LearningRate = 1e-2, Sparsity = 0.01 });
        var losses = Enumerable.Range(0, 200).Select(_ => trainer.Step(features.Sample(128))).ToArray();
        losses[0].Terms.Keys.ShouldBe(["mse", "sparsity"]);
        losses[^1].Loss.ShouldBeLessThan(0.3 * losses[0].Loss);
        (dictionary.Weights.Latent["slope"] - 0.1).abs().max().ToDouble().ShouldBeGreaterThan(1e-3);
    }

    [Fact]
    public void FoldDecoderNorms_OwnRule_SameOutput()
    {
        using var scope = NewDisposeScope();
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 24, Activation = new LeakyLatents() }, 0, dtype: ScalarType.Float64);
        using var folded = dictionary.FoldDecoderNorms();
        var x = randn([5, 8], dtype: ScalarType.Float64);
        (folded.Reconstruct(x) - dictionary.Reconstruct(x)).abs().max().ToDouble().ShouldBeLessThan(1e-12);
        (folded.Weights.Decoder.norm(-1) - 1).abs().max().ToDouble().ShouldBeLessThan(1e-12);
    }

    private sealed record LeakyLatents : LatentActivation
    {
        public override string Name => "leaky";

        public override bool FixesSparsity => false;

        public override IReadOnlyList<string> OwnWeights => ["slope"];

        public override double InitialValue(string weight) => 0.1;

        public override DictionaryLatents Apply(LatentInput input) => new(input.Pre, input.Pre.relu() - input.Own("slope") * (-input.Pre).relu());

        public override Tensor Rescaled(string weight, Tensor value, Tensor factor) => value;
    }
}
