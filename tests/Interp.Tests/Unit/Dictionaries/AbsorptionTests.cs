namespace Interp.Tests.Unit.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Families of features: what a dictionary absorbs is measured, and nested dictionaries absorb less.</summary>
[Trait("Tier", "unit")]
public sealed class AbsorptionTests
{
    public static TheoryData<int> Seeds => Evidence.Full ? new TheoryData<int>(0, 1, 2) : new TheoryData<int>(2);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Train_SparserThanTheTruth_MatryoshkaAbsorbsLess(int seed)
    {
        var (flat, flatFvu) = Trained(seed, []);
        var (nested, nestedFvu) = Trained(seed, [8, 16, 32]);
        var holds = nested.Absorbed < flat.Absorbed - 0.1 && Math.Abs(nested.L0 / flat.L0 - 1) < 0.05;
        Evidence.Record("sae-absorption", holds, FormattableString.Invariant(
            $"seed {seed}: flat {flat.Absorbed:p1} absorbed at L0 {flat.L0:f2} (FVU {flatFvu:f3}), Matryoshka {nested.Absorbed:p1} at L0 {nested.L0:f2} (FVU {nestedFvu:f3})"));
        holds.ShouldBeTrue($"{flat}; {nested}");
    }

    [Fact]
    public void Absorption_TheFeaturesThemselves_IsNone()
    {
        using var scope = NewDisposeScope();
        using var features = HierarchicalFeatures.Random(4, 3, 16, seed: 1);
        using var perfect = Dictionary(features, absorbing: false);
        var none = features.Absorption(perfect);
        none.ShouldSatisfyAllConditions(n => n.Absorbed.ShouldBe(0, 1e-3), n => n.MissedAlone.ShouldBe(0, 1e-3), n => n.ParentCosine.ShouldBe(1, 1e-5));
        using var absorbing = Dictionary(features, absorbing: true);
        features.Absorption(absorbing).Absorbed.ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Random_BadNumbers_Throw()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => HierarchicalFeatures.Random(0, 3, 16, seed: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => HierarchicalFeatures.Random(4, 0, 16, seed: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => HierarchicalFeatures.Random(4, 3, 16, seed: 1, parentProbability: 1.5));
    }

    // 1.8 features are active in a row on average; 1.3 latents may be.
    private static (FeatureAbsorption Absorption, double Unexplained) Trained(int seed, int[] nesting)
    {
        using var scope = NewDisposeScope();
        using var features = HierarchicalFeatures.Random(8, 4, 64, seed);
        var activation = LatentActivation.BatchTopK(1.3);
        var recipe = DictionaryRecipe.DictionaryLearning;
        using var dictionary = SparseDictionary.Initialise(new DictionaryConfig { DIn = 64, Width = 64, Activation = activation }, seed, recipe);
        var options = DictionaryTrainingOptions.Like(recipe, activation) with
        {
            Steps = 1200, BatchRows = 512, LearningRate = 3e-3, Decay = 300, DeadAfter = 20_000, StartAtMedian = false, Nesting = [.. nesting], ThresholdStart = 500,
            ThresholdDecay = 0.99,
        };
        using var trainer = new DictionaryTrainer(dictionary, options);
        var last = new List<double>();
        for (var i = 0; i < options.Steps; i++)
        {
            using var one = NewDisposeScope();
            var done = trainer.Step(features.Sample(options.BatchRows));
            if (i >= options.Steps - 20)
                last.Add(done.Unexplained);
        }
        return (features.Absorption(dictionary), last.Average());
    }

    // A latent for each feature; an absorbing one gives each child its parent's direction too, so that the parent's latent falls silent.
    private static SparseDictionary Dictionary(HierarchicalFeatures features, bool absorbing)
    {
        var directions = features.Directions;
        var (parents, children) = (directions.narrow(0, 0, 4), directions.narrow(0, 4, 12));
        var parentOf = parents.repeat_interleave(3, 0);
        var encoder = absorbing ? cat([parents - 2 * children.view(4, 3, 16).sum(1L), children], 0) : directions;
        var decoder = absorbing ? cat([parents, children + parentOf], 0) : directions;
        Tensor Kept(Tensor tensor) => tensor.contiguous().clone().DetachFromDisposeScope();
        return SparseDictionary.Create(new DictionaryConfig { DIn = 16, Width = 16, Activation = LatentActivation.Relu }, new DictionaryWeights
        {
            Encoder = Kept(encoder.t()), EncoderBias = Kept(full([16], -0.02f)), Decoder = Kept(decoder), DecoderBias = Kept(zeros(16)),
        });
    }
}
