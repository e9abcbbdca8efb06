namespace Interp.Tests.Model.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Evaluation against plain loops, its results, and what is refused.</summary>
[Trait("Tier", "model")]
public sealed class DictionaryEvaluationTests
{
    private static readonly HookName At = new(ResidPost, 1);

    [Fact]
    public void Evaluate_PerfectDictionary_RecoversAll()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Identity();
        var result = model.Evaluate(dictionary, [TinyModel.Tokens(TinyModel.Gpt2, 3, 8, 1)]);
        result.ShouldSatisfyAllConditions(
            r => r.Unexplained.ShouldBe(0, 1e-12), r => r.Recovered.ShouldBe(1, 1e-9), r => r.DivergenceRecovered.ShouldBe(1, 1e-9),
            r => r.RecoveredAgainstMean.ShouldBe(1, 1e-9), r => r.Cosine.ShouldBe(1, 1e-9), r => r.Shrinkage.ShouldBe(1, 1e-9), r => r.L0.ShouldBe(16),
            r => r.MeanAlignment.ShouldBe(1, 1e-9), r => r.FreeMeanExplainedVariance.ShouldBe(1, 1e-9));
    }

    [Fact]
    public void Evaluate_SeveralBatchesPaddedAndExcluded_EqualsOnePlainPass()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Random(LatentActivation.TopK(5), At);
        int[][] rows = [[0, 4, 5, 6, 7], [0, 9, 10], [0, 2, 3, 4]];
        var result = model.Evaluate(dictionary, [RunInput.Of(rows[..2]), RunInput.Of(rows[2..])], [0]);
        List<Tensor> activations = [];
        foreach (var row in rows)
        {
            using var run = model.On(row).Capture(At).WithoutLogits().Run();
            activations.Add(run[At].squeeze(0).narrow(0, 1, row.Length - 1).clone());
        }
        var x = cat(activations.ToArray(), 0); // [9, d]
        var guess = dictionary.Reconstruct(x);
        var mean = x.mean([0L]);
        result.Rows.ShouldBe(9);
        result.Unexplained.ShouldBe(((x - guess).square().sum() / (x - mean).square().sum()).ToDouble(), 1e-12);
        result.L0.ShouldBe(5);
        result.Densities.Sum().ShouldBe(5, 1e-12);
        result.LossMean.ShouldBe(Losses(model, rows, _ => mean), 1e-10);
        result.LossZero.ShouldBe(Losses(model, rows, v => zeros_like(v)), 1e-10);
        result.LossReconstructed.ShouldBe(Losses(model, rows, v => dictionary.Reconstruct(v)), 1e-10);
        result.Loss.ShouldBe(Losses(model, rows, v => v), 1e-10);
    }

    [Fact]
    public void Evaluate_Transcoder_EqualsSplicingItIn()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Llama);
        using var transcoder = Random(LatentActivation.TopK(5), new HookName(MlpInput, 1), new HookName(MlpOutRaw, 1));
        using var spliced = model.With(transcoder);
        var tokens = TinyModel.Tokens(TinyModel.Llama, 2, 7, 3);
        var result = model.Evaluate(transcoder, [tokens]);
        result.LossReconstructed.ShouldBe(spliced.On(tokens).Loss(), 1e-10);
        result.LossZero.ShouldBe(model.On(tokens).Zero(MlpOutRaw[1]).Loss(), 1e-10);
        using var run = model.On(tokens).Capture(MlpInput[1], MlpOutRaw[1]).WithoutLogits().Run();
        var (x, y) = (run[MlpInput[1]].flatten(0, 1), run[MlpOutRaw[1]].flatten(0, 1));
        result.Unexplained.ShouldBe(((y - transcoder.Reconstruct(x)).square().sum() / (y - y.mean([0L])).square().sum()).ToDouble(), 1e-12);
        result.Alignments.Length.ShouldBe(40);
    }

    [Fact]
    public void Evaluation_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var dictionary = Random(LatentActivation.TopK(5), At);
        var result = model.Evaluate(dictionary, [TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 1)]);
        result.Save(folder.File("evaluation.json"));
        var loaded = DictionaryEvaluation.Load(folder.File("evaluation.json"));
        loaded.Metrics.Values.ToArray().ShouldBe(result.Metrics.Values.ToArray());
        loaded.Densities.ShouldBe(result.Densities);
        loaded.ToString().ShouldBe(result.ToString());
        result.ToString().ShouldContain("topk dictionary 16 -> 40 -> 16");
        result.Figure().Html.ShouldContain("CE recovered");
        result.Metrics["metric", "L0"].Values[0].ShouldBe(5);
        folder.Write("broken.json", "[1, 2");
        Should.Throw<InvalidDataException>(() => DictionaryEvaluation.Load(folder.File("broken.json"))).Message.ShouldContain("broken.json");
    }

    [Fact]
    public void AtL0_BetweenTwo_InterpolatesInLogL0()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        (string, SparseDictionary)[] dictionaries = [("topk", Random(LatentActivation.TopK(2), At)), ("topk", Random(LatentActivation.TopK(8), At)), ("other", Random(LatentActivation.TopK(4), At))];
        var comparison = model.Evaluate(dictionaries, [TinyModel.Tokens(TinyModel.Gpt2, 2, 6, 1)]);
        comparison.Table.Shape.ShouldBe([3, comparison.Table.Axes[1].Length]);
        comparison.Table.Axes[0].Labels.ShouldBe(["topk, L0 2.0", "topk, L0 8.0", "other"]);
        var at = comparison.AtL0(4);
        double Fvu(LabelledArray table, string name) => table["dictionary", name]["metric", "FVU"].Values[0];
        Fvu(at, "topk").ShouldBe((Fvu(comparison.Table, "topk, L0 2.0") + Fvu(comparison.Table, "topk, L0 8.0")) / 2, 1e-12);
        Fvu(at, "other").ShouldBe(Fvu(comparison.Table, "other"));
        Should.Throw<ArgumentException>(() => comparison.AtL0(9)).Message.ShouldContain("'topk' has L0 2.0, 8.0");
        comparison.Figure("CE recovered", 4).Title.ShouldBe("CE recovered at L0 4");
        foreach (var (_, dictionary) in dictionaries)
            dictionary.Dispose();
    }

    [Fact]
    public void Between_SameFeaturesInAnotherOrder_SharesThemAll()
    {
        using var scope = NewDisposeScope();
        using var one = Random(LatentActivation.TopK(5), At);
        var order = randperm(40, dtype: ScalarType.Int64);
        using var other = SparseDictionary.Create(one.Config, new DictionaryWeights
        {
            Encoder = one.Weights.Encoder.index_select(1, order).DetachFromDisposeScope(), EncoderBias = zeros([40], ScalarType.Float64).DetachFromDisposeScope(),
            Decoder = (one.Weights.Decoder.index_select(0, order) * 3).DetachFromDisposeScope(), DecoderBias = zeros([16], ScalarType.Float64).DetachFromDisposeScope(),
        });
        var same = FeatureStability.Between(one, other);
        same.Shared.ShouldBe(1);
        same.Mcc.ShouldBe(1, 1e-6);
        using var stranger = Random(LatentActivation.TopK(5), At, seed: 9);
        FeatureStability.Between(one, stranger).Shared.ShouldBeLessThan(0.2);
        FeatureStability.Between(one, stranger, [1, 2, 3]).Cosines.Length.ShouldBe(3);
        Should.Throw<ArgumentException>(() => FeatureStability.Between(one, stranger, [])).Message.ShouldContain("at least one");
    }

    [Theory]
    [InlineData(InputScaleRule.MeanLength)]
    [InlineData(InputScaleRule.MeanSquare)]
    public void InputScale_ScaledActivations_HaveTheirSize(InputScaleRule rule)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModel.Random(TinyModel.Gpt2);
        var tokens = TinyModel.Tokens(TinyModel.Gpt2, 3, 7, 2);
        var scale = model.InputScale(At, [tokens], rule: rule);
        using var run = model.On(tokens).Capture(At).WithoutLogits().Run();
        var lengths = (run[At] * scale).norm(-1);
        (rule == InputScaleRule.MeanLength ? lengths.mean() / 4 : lengths.square().mean()).ToDouble().ShouldBe(1, 1e-12);
        Should.Throw<ArgumentException>(() => model.InputScale(At, [])).Message.ShouldContain("no activation");
    }

    [Fact]
    public void Use_OnOtherWeights_SaysBothFingerprints()
    {
        using var model = TinyModel.Random(TinyModel.Gpt2);
        using var stranger = TinyModel.Random(TinyModel.Gpt2, seed: 5);
        using var plain = Random(LatentActivation.TopK(5), At);
        using var dictionary = plain.For(model);
        dictionary.Config.ModelFingerprint.ShouldBe(model.Fingerprint());
        using var spliced = model.With(dictionary);
        spliced.Fingerprint().ShouldBe(model.Fingerprint());
        var message = Should.Throw<ArgumentException>(() => stranger.With(dictionary)).Message;
        message.ShouldContain(model.Fingerprint());
        message.ShouldContain(stranger.Fingerprint());
        Should.Throw<ArgumentException>(() => stranger.Evaluate(dictionary, [TinyModel.Tokens(TinyModel.Gpt2, 1, 4, 1)])).Message.ShouldContain("For(model)");
        Evidence.Record("sae-misplaced", message.Contains(model.Fingerprint()) && message.Contains(stranger.Fingerprint()), "other weights: both fingerprints named");
        using var meant = dictionary.For(stranger);
        using var there = stranger.With(meant);
        Should.Throw<ArgumentException>(() => plain.For(model, new HookName(ResidPost, 7))).Message.ShouldContain("3 blocks");
    }

    [Fact]
    public void Fingerprint_OtherTypeSameModel_IsTheSame()
    {
        using var model = TinyModel.Random(TinyModel.Llama, dtype: ScalarType.BFloat16);
        using var wide = model.To(ScalarType.Float32);
        using var wider = model.To(ScalarType.Float64);
        wide.Fingerprint().ShouldBe(model.Fingerprint());
        wider.Fingerprint().ShouldBe(model.Fingerprint());
        using (no_grad())
            wide.Weights.Blocks[2].Attention.Output[3, 3] = 7;
        using var last = TinyModel.Random(TinyModel.Llama, seed: 1, dtype: ScalarType.BFloat16);
        last.Fingerprint().ShouldNotBe(model.Fingerprint());
    }

    private static double Losses(HookedTransformer model, int[][] rows, Func<Tensor, Tensor> change) => rows.Sum(row =>
        model.On(row).Apply(ResidPost[1].At(1..), x => change(x).expand_as(x)).Loss() * (row.Length - 1)) / rows.Sum(row => row.Length - 1);

    // Both signs of every axis: x is its own reconstruction.
    private static SparseDictionary Identity()
    {
        using var scope = NewDisposeScope();
        var axes = eye(16, dtype: ScalarType.Float64);
        var both = cat([axes, -axes, zeros([32, 16], dtype: ScalarType.Float64)], 0); // [64, 16]
        return SparseDictionary.Create(new DictionaryConfig { DIn = 16, Width = 32, Activation = LatentActivation.Relu, Input = At }, new DictionaryWeights
        {
            Encoder = both.narrow(0, 0, 32).t().contiguous().DetachFromDisposeScope(), EncoderBias = zeros([32], ScalarType.Float64).DetachFromDisposeScope(),
            Decoder = both.narrow(0, 0, 32).contiguous().DetachFromDisposeScope(), DecoderBias = zeros([16], ScalarType.Float64).DetachFromDisposeScope(),
        });
    }

    private static SparseDictionary Random(LatentActivation activation, HookName input, HookName? output = null, int seed = 1) => SparseDictionary.Initialise(
        new DictionaryConfig { DIn = 16, Width = 40, Activation = activation, Input = input, Output = output, CentreInput = output is null }, seed,
        DictionaryRecipe.DictionaryLearning, ScalarType.Float64);
}
