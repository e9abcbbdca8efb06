namespace Interp.Tests.Parity.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Twelve training steps of each stored case: latents, losses, gradients, weights, moments, thresholds, and the trained dictionary.</summary>
[Trait("Tier", "parity")]
public sealed class SaeTrainingTests
{
    private const double Tolerance = 1e-11;

    public static TheoryData<string> Cases => [.. SaeCase.Trained];

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Step_StoredCase_EqualsLibrary(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open(name);
        var compare = new GoldenCompare(name, ScalarType.Float64);
        using var dictionary = new SaeTrainingRun(golden, compare, Tolerance, ScalarType.Float64).Run();
        using (no_grad())
            AddTrained(golden, compare, dictionary);
        Evidence.Record("sae-training", compare.Holds, compare.Figure);
        compare.ShouldHold(compare.Count);
        compare.Count.ShouldBeGreaterThan(40);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Step_Float32_EqualsLibrary(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = SaeGolden.Open(name);
        var compare = new GoldenCompare(name, ScalarType.Float32);
        using var dictionary = new SaeTrainingRun(golden, compare, 1e-4, ScalarType.Float32).Run();
        Evidence.Record("sae-training-float32", compare.Holds, compare.Figure);
        compare.ShouldHold(compare.Count);
        compare.Count.ShouldBeGreaterThan(4);
    }

    private static void AddTrained(SaeGolden golden, GoldenCompare compare, SparseDictionary dictionary)
    {
        var test = SaeGolden.Problem("test", ScalarType.Float64);
        // dictionary_learning's forward() of a batch rule uses the threshold, SAELens' training class the batch.
        var training = golden.IsSaeLens;
        var latents = dictionary.Encode(test, training);
        void Add(string array, Tensor ours) => compare.Add(array, ours, golden.Values(array), ours.shape, Tolerance);
        Add("test/encode", latents);
        Add("test/decode_of_encode", dictionary.DecodeFor(test, latents));
        Add("test/forward", dictionary.Reconstruct(test, training));
    }
}
