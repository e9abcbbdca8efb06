namespace Interp.Tests.Parity.Loading;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

/// <summary>Families in short types.</summary>
[Trait("Tier", "parity")]
public sealed class FamilyTypeTests
{
    public static TheoryData<string> Families => [.. FamilyCases.All];

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Load_BFloat16_LogitsAreNearThoseOfItsOwnRoundedWeights(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open(name);
        using var narrow = FamilyCases.Load(name, ScalarType.BFloat16);
        using var wide = narrow.To(ScalarType.Float32);
        var rows = golden.Rows("tokens/clean");
        var (ours, exact) = (narrow.On(rows).Logits(), wide.On(rows).Logits());

        ours.dtype.ShouldBe(ScalarType.BFloat16);
        var difference = (ours.to(ScalarType.Float32) - exact).square().mean().sqrt() / exact.std();
        difference.ToDouble().ShouldBeLessThan(0.08);
    }

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Process_BFloat16_Runs(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFile.Open(name);
        using var narrow = FamilyCases.Load(name, ScalarType.BFloat16);
        using var processed = narrow.Process(WeightProcessing.TransformerLens);

        processed.On(golden.Rows("tokens/clean")).Logits().isfinite().all().ToBoolean().ShouldBeTrue();
    }
}
