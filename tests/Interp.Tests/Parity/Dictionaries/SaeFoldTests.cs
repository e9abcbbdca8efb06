namespace Interp.Tests.Parity.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Folds of trained dictionaries, and the dictionaries that SAELens saves from them.</summary>
[Trait("Tier", "parity")]
public sealed class SaeFoldTests
{
    private const double Tolerance = 1e-11;

    public static TheoryData<string> Cases =>
        ["saelens-standard", "saelens-topk", "saelens-batchtopk", "saelens-matryoshka_batchtopk", "saelens-jumprelu_step", "saelens-gated"];

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Fold_TrainedDictionary_EqualsSaeLens(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var golden = SaeGolden.Open(name);
        var compare = new GoldenCompare(name, ScalarType.Float64);
        using var trained = Trained(golden);
        using (var folded = trained.FoldDecoderNorms())
            Add(golden, compare, folded, "fold_W_dec_norm_training", training: true);
        using (var scaled = trained.FoldInputScale(2.5))
            Add(golden, compare, scaled, "fold_activation_norm_training_2.5", training: true);
        using (var inference = trained.ForInference())
        {
            Add(golden, compare, inference, "inference", training: false);
            using var both = inference.FoldDecoderNorms();
            Add(golden, compare, both, "fold_W_dec_norm_inference", training: false);
        }
        Evidence.Record("sae-folds", compare.Holds, compare.Figure);
        compare.ShouldHold(compare.Count);
        compare.Count.ShouldBeGreaterThan(16);
    }

    [SkippableFact]
    public void FoldInputScale_BatchTopK_ScalesTheThresholdToo()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var golden = SaeGolden.Open("saelens-batchtopk_fold_norm_then_save");
        var config = new DictionaryConfig { DIn = 16, Width = 64, Activation = LatentActivation.BatchTopK(4), RescaleByDecoderNorm = true };
        using var before = SparseDictionary.Create(config, golden.Weights("before", config.Activation, ScalarType.Float64), golden.Values("before/topk_threshold")[0]);
        using var after = before.FoldInputScale(2.5);
        var x = golden.Read("x");
        var l0 = (after.Encode(x) > 0).sum().ToDouble() / 8;
        using (var inference = after.ForInference())
            (inference.Encode(x) > 0).sum().ToDouble().ShouldBe(8 * l0);
        Evidence.Record("sae-fold-threshold", l0 == 29.5, $"L0 {Evidence.Text(l0)}");
        l0.ShouldBe(29.5);
        GoldenCompare.Doubles(after.Reconstruct(x)).Zip(GoldenCompare.Doubles(before.Reconstruct(x * 2.5) / 2.5)).ShouldAllBe(p => Math.Abs(p.First - p.Second) < 1e-12);
    }

    [SkippableFact]
    public void FoldDecoderNorms_TopKWithoutRescaling_Refuses()
    {
        using var golden = SaeGolden.Open("saelens-topk-norescale");
        using var trained = Trained(golden);
        Should.Throw<InvalidOperationException>(() => trained.FoldDecoderNorms()).Message.ShouldContain("RescaleByDecoderNorm");
    }

    private static SparseDictionary Trained(SaeGolden golden)
    {
        var config = SaeCase.Config(golden);
        return SparseDictionary.Create(
            config, golden.Weights("final", config.Activation, ScalarType.Float64),
            golden.Has("final_buffers/topk_threshold") ? golden.Values("final_buffers/topk_threshold")[0] : null);
    }

    private static void Add(SaeGolden golden, GoldenCompare compare, SparseDictionary ours, string prefix, bool training)
    {
        foreach (var (name, tensor) in ours.Weights.Named())
            if (golden.Weight(prefix, name) is { } stored)
                compare.Add($"{prefix}/{name}", tensor, GoldenCompare.Doubles(stored), stored.shape, Tolerance);
        var test = SaeGolden.Problem("test", ScalarType.Float64);
        foreach (var (array, value) in new[] { ("encode", ours.Encode(test, training)), ("forward", ours.Reconstruct(test, training)) })
            if (golden.Has($"{prefix}_test/{array}"))
                compare.Add($"{prefix}_test/{array}", GoldenCompare.Doubles(value), golden.Values($"{prefix}_test/{array}"), Tolerance);
    }
}
