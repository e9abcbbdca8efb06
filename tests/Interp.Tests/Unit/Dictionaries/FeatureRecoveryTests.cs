namespace Interp.Tests.Unit.Dictionaries;

using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Known features are found again.</summary>
[Trait("Tier", "unit")]
public sealed class FeatureRecoveryTests
{
    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var seed in Evidence.Full ? [0, 1, 2] : new[] { 0 })
                foreach (var kind in Evidence.Full ? ["topk", "batchtopk"] : new[] { "topk" })
                    data.Add(kind, seed);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Train_RandomDirections_FindsThem(string kind, int seed)
    {
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(256, 64, 0.01, seed);
        var activation = kind == "topk" ? LatentActivation.TopK(3) : LatentActivation.BatchTopK(3);
        using var dictionary = SparseDictionary.Initialise(
            new DictionaryConfig { DIn = 64, Width = 512, Activation = activation }, seed, DictionaryRecipe.Gao2024);
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.Gao2024, activation) with
        {
            Steps = Evidence.Full ? 2000 : 1000, BatchRows = 1024, LearningRate = 5e-3, Decay = Evidence.Full ? 500 : 250, DeadAfter = 50_000, StartAtMedian = false,
        };
        using var trainer = new DictionaryTrainer(dictionary, options);
        for (var step = 0; step < options.Steps; step++)
        {
            using var one = NewDisposeScope();
            trainer.Step(features.Sample(options.BatchRows));
        }
        var recovery = features.Recovery(dictionary);
        var holds = recovery.Found >= 0.97 && recovery.MeanMaxCosine >= 0.98;
        Evidence.Record("sae-recovery", holds, $"{kind}, seed {seed}: {recovery.Found:P1} found, mean max cosine {recovery.MeanMaxCosine:F4}, uniqueness {recovery.Uniqueness:F3}");
        holds.ShouldBeTrue(recovery.ToString());
    }

    [Fact]
    public void Recovery_TheFeaturesThemselves_IsPerfect()
    {
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(12, 8, 0.1, 4);
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 12, Activation = LatentActivation.Relu }, 0);
        features.Recovery(dictionary).Found.ShouldBeLessThan(0.9);
        using (no_grad())
            dictionary.Weights.Decoder.copy_(features.Directions * -0.5);
        features.Recovery(dictionary).ShouldSatisfyAllConditions(
            r => r.Found.ShouldBe(1), r => r.MeanMaxCosine.ShouldBe(1, 1e-6), r => r.Uniqueness.ShouldBe(1), r => r.Mcc.ShouldBe(1, 1e-6));
    }

    [Fact]
    public void Sample_ManyRows_HasTheStatedRates()
    {
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(1, 4, 0.2, 1);
        var strengths = features.Sample(20_000).matmul(features.Directions.t()).squeeze(-1); // [rows]
        var active = strengths.abs() > 1e-6;
        active.to(ScalarType.Float64).mean().ToDouble().ShouldBe(0.2, 0.01);
        strengths.masked_select(active).mean().ToDouble().ShouldBe(1, 0.01);
    }

    [Fact]
    public void Detection_ThresholdedOrthogonalFeatures_IsExact()
    {
        using var scope = NewDisposeScope();
        using var features = SyntheticFeatures.Random(8, 8, 0.2, 4);
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 8, Width = 12, Activation = LatentActivation.Relu }, 0);
        using (no_grad())
        {
            features.Directions.copy_(eye(8));
            dictionary.Weights.Decoder.narrow(0, 0, 8).copy_(eye(8));
            dictionary.Weights.Encoder.narrow(1, 0, 8).copy_(eye(8));
        }
        features.Detection(dictionary, 512).ShouldBe(new FeatureDetection(1, 1, 1));
        var before = features.Sample(4);
        var (rows, strengths) = features.Labelled(16, seed: 3);
        (strengths.matmul(features.Directions) - rows).abs().max().ToDouble().ShouldBe(0);
        using (no_grad())
            dictionary.Weights.EncoderBias.fill_(-1); // latents of strengths below one are silent now
        var strict = features.Detection(dictionary, 4096);
        strict.Precision.ShouldBe(1);
        strict.Recall.ShouldBe(0.5, 0.1);
        strict.F1.ShouldBe(2 / 3.0, 0.1);
    }
}
