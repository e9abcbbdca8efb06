namespace Interp.Tests.Model.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Features probed, several dictionaries in one model, and what use leaves behind.</summary>
[Trait("Tier", "model")]
public sealed class FeatureProbingTests
{
    private static readonly HookName At = new(ResidPre, 0);

    [Fact]
    public void SparseProbing_AFeatureThatIsTheConcept_NeedsOneOfThem()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var random = new Random(3);
        int[] positive = [3, 5, 11, 14, 20, 21], negative = [7, 9, 2, 16, 27, 0];
        var texts = Enumerable.Range(0, 120).Select(i => new[] { random.Next(29), random.Next(29), (i % 2 == 0 ? positive : negative)[random.Next(6)] }).ToArray();
        bool[] labels = [.. texts.Select(t => positive.Contains(t[2]))];
        using var dictionary = Concept(model, positive, negative);
        var table = model.SparseProbing(dictionary, RunInput.Of(texts), labels, [1, 2]);
        table.Shape.ShouldBe([2, 2]);
        table["from", "features"].Values.ToArray().ShouldAllBe(accuracy => accuracy == 1);
        table[0, 1].ShouldBeLessThan(0.95);
        // Features are units that probes read like any other.
        using var spliced = model.With(dictionary, errorTerm: true);
        var probe = spliced.On(RunInput.Of(texts)).Probe(dictionary.Features().At(Position.Last), labels).WithoutControls().Resamples(0).KSparse(1);
        probe.Best.Probe.Support.ShouldBe([0]);
        Should.Throw<ArgumentException>(() => model.SparseProbing(dictionary, RunInput.Of(texts), labels, [17])).Message.ShouldContain("1 to 16");
        Should.Throw<ArgumentException>(() => model.SparseProbing(dictionary, RunInput.Of(texts), labels.Select(l => l ? 1.0 : 0).ToArray())).Message.ShouldContain("classes");
    }

    [Fact]
    public void With_TwoDictionaries_StandTogetherAndAddUpEach()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Llama);
        using var early = Random(new HookName(ResidPost, 0));
        using var late = Random(new HookName(MlpOut, 2));
        using var one = model.With(early, errorTerm: true);
        using var both = one.With(late, errorTerm: true);
        var (clean, corrupted) = (TinyModel.Tokens(TinyModel.Llama, 1, 6, 3), TinyModel.Tokens(TinyModel.Llama, 1, 6, 4));
        GoldenCompare.Doubles(both.On(clean).Logits() - model.On(clean).Logits()).Max(Math.Abs).ShouldBeLessThan(1e-12);
        var study = new Contrast(both, clean, corrupted, Metric.LogitDifference(1, 2));
        var shares = study.Attribute(late.Features().ByNeuron(), late.ErrorNode().ByLayer());
        var alone = new Contrast(model, clean, corrupted, Metric.LogitDifference(1, 2)).Attribute(((Interp.Unit)MlpOut[2]).ByLayer());
        shares.Sum(s => s.Effect.Sum()).ShouldBe(alone.Effect.Sum(), 1e-10);
        Should.Throw<ArgumentException>(() => both.With(late)).Message.ShouldContain("already");
    }

    [Fact]
    public void Use_EvaluateAttributeClampProbe_LeaveNothingBehind()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Random(new HookName(ResidPost, 1));
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 3);
        var study = new Contrast(model, tokens, TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 4), Metric.LogitDifference(1, 2));
        void Everything()
        {
            model.Evaluate(dictionary, [tokens]);
            study.AttributeFeatures(dictionary);
            model.On(tokens).ClampFeature(dictionary, 3, 2).GenerateTokens(3);
            model.InputScale(new HookName(ResidPost, 1), [tokens]);
            FeatureStability.Between(dictionary, dictionary);
            dictionary.LogitWeights(model).Dispose();
            using var spliced = model.With(dictionary, errorTerm: true);
            using var run = spliced.On(tokens).Zero(dictionary.Feature(3)).Capture(dictionary.Features()).Run();
        }
        Everything();
        LiveTensors.ShouldStayEqual(Everything);
    }

    // Latent 0 is w·x over zero, with w solved so that w·x is 1 at the positive tokens and -1 at the others, whatever stands before.
    private static SparseDictionary Concept(HookedTransformer model, int[] positive, int[] negative)
    {
        using var scope = NewDisposeScope();
        int[] all = [.. positive, .. negative];
        using var run = model.On(all.Select(t => new[] { 1, 1, t })).Capture(At).WithoutLogits().Run();
        var x = run[At].select(1, 2); // [token, d_model]
        var target = cat([ones([6, 1], ScalarType.Float64), -ones([6, 1], ScalarType.Float64)], 0);
        var direction = linalg.pinv(x).matmul(target).squeeze(-1);
        var dictionary = Random(At);
        using var noGradient = no_grad();
        dictionary.Weights.Encoder.select(1, 0).copy_(direction);
        return dictionary;
    }

    private static SparseDictionary Random(HookName at) => SparseDictionary.Initialise(
        new DictionaryConfig { DIn = 16, Width = 40, Activation = LatentActivation.Relu, Input = at }, 1, DictionaryRecipe.DictionaryLearning, ScalarType.Float64);
}
