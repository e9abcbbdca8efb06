namespace Interp.Tests.Parity.Activations;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using Unit = Interp.Unit;
using static TorchSharp.torch;

/// <summary>Every activation that TransformerLens caches.</summary>
[Trait("Tier", "parity")]
public sealed class ActivationParityTests
{
    public static TheoryData<string, GoldenWeights, ScalarType> Cases => GoldenCases.All;

    public static TheoryData<string, GoldenWeights, ScalarType> Plain => GoldenCases.OfType(ScalarType.Float32);

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Capture_EveryHookPoint_EqualsReference(string model, GoldenWeights weights, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(model);
        using var transformer = GoldenCases.Load(model, weights, dtype);
        var compare = new GoldenCompare($"{GoldenCases.Title(model, weights, dtype)}, activations", dtype);
        var expected = 0;
        foreach (var (group, tokens) in new[] { ("cache_clean", "clean"), ("cache_clean_optin", "clean"), ("cache_corrupt", "corrupt") })
            expected += Compare(compare, golden, transformer, GoldenCases.Group(weights, group), $"tokens/{tokens}", Tolerances.Activations(model, dtype));
        if (GoldenCases.OnPage(model))
            Evidence.Record("golden-activations", compare.Holds, compare.Figure);
        compare.ShouldHold(expected);
    }

    [SkippableTheory]
    [InlineData("gpt2", 125, 110)]
    [InlineData("llama", 78, 63)]
    [InlineData("llama_gqa", 141, 126)]
    [InlineData("llama31", 78, 63)]
    [InlineData("attn_only", 34, 26)]
    [InlineData("attn_only_nonorm", 28, 0)]
    [InlineData("relu_bidir", 48, 38)]
    [InlineData("solu_ln", 54, 44)]
    public void Reference_OfEachModel_HoldsSoManyActivations(string model, int raw, int processed)
    {
        using var golden = GoldenFile.Open(model);
        Count(golden, "raw_cache_clean", "raw_cache_clean_optin", "raw_cache_corrupt").ShouldBe(raw);
        Count(golden, "proc_cache_clean", "proc_cache_clean_optin", "proc_cache_corrupt").ShouldBe(processed);
    }

    [SkippableTheory]
    [MemberData(nameof(Plain))]
    public void CaptureAll_PlainRun_HasEveryHookPointOfTheReference(string model, GoldenWeights weights, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(model);
        using var transformer = GoldenCases.Load(model, weights, dtype);
        using var run = transformer.On(golden.Rows("tokens/clean")).CaptureAll().Run();
        golden.Names(GoldenCases.Group(weights, "cache_clean")).Except(run.Cache.Names.Select(n => n.ToString())).ShouldBeEmpty();
    }

    private static int Count(GoldenFile golden, params string[] groups) => groups.Sum(g => golden.Names(g).Length);

    private static int Compare(GoldenCompare compare, GoldenFile golden, HookedTransformer model, string group, string tokens, double tolerance)
    {
        var names = golden.Names(group);
        if (names.Length == 0)
            return 0;
        using var run = model.On(golden.Rows(tokens)).Capture(names.Select(n => (Unit)HookName.Parse(n))).Run();
        using var scope = NewDisposeScope();
        foreach (var name in names)
            compare.Add($"{group}/{name}", Laid(run.Cache[name], name, golden.Shape($"{group}/{name}")), golden.Values($"{group}/{name}"), golden.Shape($"{group}/{name}"), tolerance);
        return names.Length;
    }

    // The reference flattens batch, pos and head where it norms queries and keys.
    private static Tensor Laid(Tensor ours, string name, long[] shape) =>
        (name.Contains("q_norm") || name.Contains("k_norm")) && ours.numel() == shape.Aggregate(1L, (a, b) => a * b) ? ours.reshape(shape) : ours;
}
