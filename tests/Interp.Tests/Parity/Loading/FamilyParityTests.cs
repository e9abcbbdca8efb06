namespace Interp.Tests.Parity.Loading;

using Interp.Tests.Parity.Patching;
using Interp.Tests.Parity.Runs;
using Interp.Tests.Support;
using Shouldly;
using Xunit;
using Unit = Interp.Unit;
using static TorchSharp.torch;

/// <summary>Models of each family, loaded from their Hugging Face folder, against an independent forward and TransformerLens's activations.</summary>
[Trait("Tier", "parity")]
public sealed class FamilyParityTests
{
    public static TheoryData<string, ScalarType> Families => FamilyCases.InBothTypes(FamilyCases.All);

    public static TheoryData<string, ScalarType> Cached => FamilyCases.InBothTypes(FamilyCases.Cached);

    public static TheoryData<string, ScalarType> Processed => FamilyCases.InBothTypes(FamilyCases.Processed);

    // The first models' runs, gradients and patching are compared from TransformerLens's layout, in Parity.Runs and its neighbours.
    public static TheoryData<string, ScalarType> Second =>
        FamilyCases.InBothTypes(["gemma3", "phi", "phi3", "olmo", "olmo2", "opt", "bloom", "mixtral"]);

    [SkippableTheory]
    [MemberData(nameof(Families))]
    public void Load_HuggingFaceFolder_EqualsIndependentForward(string name, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, dtype);
        var compare = new GoldenCompare(FamilyCases.Title(name, dtype, "independent forward"), dtype);
        var reference = new FamilyReference(golden, model, compare, FamilyCases.Tolerance(name, dtype));
        var expected = reference.CompareAll();
        Evidence.Record("family-forward", compare.Holds, compare.Figure);
        expected.ShouldBePositive();
        compare.ShouldHold(expected);
    }

    [SkippableTheory]
    [MemberData(nameof(Cached))]
    public void Capture_EveryHookPoint_EqualsTransformerLens(string name, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, dtype);
        CompareCaches(golden, model, "raw", dtype);
    }

    [SkippableTheory]
    [MemberData(nameof(Processed))]
    public void Process_AsTransformerLens_EveryHookPointEquals(string name, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(name);
        using var raw = FamilyCases.Load(name, dtype);
        using var model = raw.Process(WeightProcessing.TransformerLens);
        CompareCaches(golden, model, "proc", dtype);
    }

    [SkippableTheory]
    [MemberData(nameof(Second))]
    public void Run_EveryQuantity_EqualsTransformerLens(string name, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, dtype);
        var compare = new GoldenCompare(FamilyCases.Title(name, dtype, "runs"), dtype);
        var (runs, tables) = (FamilyCases.Tolerance(name, dtype), dtype == ScalarType.Float64 ? FamilyCases.Tolerance(name, dtype) : Tolerances.Tables(name, dtype));
        var expected = new RunReference(golden, model, compare, "raw_run", runs, tables).CompareAll();
        Evidence.Record("family-activations", compare.Holds, compare.Figure);
        expected.ShouldBePositive();
        compare.ShouldHold(expected);
    }

    [SkippableTheory]
    [MemberData(nameof(Second))]
    public void Patch_EveryTable_EqualsTransformerLens(string name, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(name);
        using var model = FamilyCases.Load(name, dtype);
        using var scope = NewDisposeScope();
        var (compare, ours) = (new GoldenCompare(FamilyCases.Title(name, dtype, "patching"), dtype), new PatchingTables(golden, model));
        var tolerance = dtype == ScalarType.Float64 ? FamilyCases.Tolerance(name, dtype) : Tolerances.Tables(name, dtype);
        var tables = golden.Names("raw_patching").ToDictionary(t => t, ours.Ours);
        foreach (var (table, values) in tables)
            compare.Add(table, values, golden.Values($"raw_patching/{table}"), tolerance, ours.Scale(table, golden, "raw_patching"));
        Evidence.Record("family-patching", compare.Holds, compare.Figure);
        tables.Count.ShouldBeGreaterThan(10);
        compare.ShouldHold(tables.Count);
    }

    private static void CompareCaches(GoldenFile golden, HookedTransformer model, string weights, ScalarType dtype)
    {
        var compare = new GoldenCompare(FamilyCases.Title(golden.Model, dtype, weights + " activations"), dtype);
        var expected = 0;
        foreach (var (group, tokens) in new[] { ("cache_clean", "clean"), ("cache_clean_optin", "clean"), ("cache_corrupt", "corrupt") })
            expected += CompareCache(compare, golden, model, $"{weights}_{group}", $"tokens/{tokens}", FamilyCases.Tolerance(golden.Model, dtype));
        Evidence.Record("family-activations", compare.Holds, compare.Figure);
        expected.ShouldBePositive();
        compare.ShouldHold(expected);
    }

    private static int CompareCache(GoldenCompare compare, GoldenFile golden, HookedTransformer model, string group, string tokens, double tolerance)
    {
        var names = golden.Names(group);
        if (names.Length == 0)
            return 0;
        using var run = model.On(golden.Rows(tokens)).Capture(names.Select(n => (Unit)HookName.Parse(n))).Run();
        foreach (var name in names)
        {
            // The reference stores some activations with batch, position and head on one axis.
            using var ours = run.Cache[name].reshape(golden.Shape($"{group}/{name}"));
            compare.Add(name, ours, Stored(golden, $"{group}/{name}"), golden.Shape($"{group}/{name}"), tolerance);
        }
        return names.Length;
    }

    // The experts' numbers are whole; all else is not.
    private static double[] Stored(GoldenFile golden, string array) => array.EndsWith("hook_expert_indices", StringComparison.Ordinal)
        ? [.. golden.Rows(array).SelectMany(row => row.Select(expert => (double)expert))]
        : golden.Values(array);
}
