namespace Interp.Tests.Parity.Patching;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Every patching table of TransformerLens, by the planned sweep.</summary>
[Trait("Tier", "parity")]
public sealed class PatchingParityTests
{
    public static TheoryData<string, GoldenWeights, ScalarType> Cases => GoldenCases.RawAndProcessed;

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Patch_EveryTable_EqualsReference(string model, GoldenWeights weights, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(model);
        using var transformer = GoldenCases.Load(model, weights, dtype);
        using var scope = NewDisposeScope();
        var compare = new GoldenCompare($"{GoldenCases.Title(model, weights, dtype)}, patching", dtype);
        var group = GoldenCases.Group(weights, "patching");
        var tables = new PatchingTables(golden, transformer);
        var names = golden.Names(group).Where(n => n is not ("mlp_out" or "resid_mid") || !transformer.Config.AttentionOnly).ToArray();
        foreach (var name in names)
            compare.Add($"{group}/{name}", tables.Ours(name), golden.Values($"{group}/{name}"), Tolerances.Tables(model, dtype), tables.Scale(name, golden, group));
        if (GoldenCases.OnPage(model))
            Evidence.Record("golden-tables", compare.Holds, compare.Figure);
        compare.ShouldHold(names.Length);
        names.Length.ShouldBeGreaterThan(10);
    }
}
