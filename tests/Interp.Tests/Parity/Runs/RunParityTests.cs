namespace Interp.Tests.Parity.Runs;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Logits, losses, caches of keys and values, padding, generation, ablations and partial runs.</summary>
[Trait("Tier", "parity")]
public sealed class RunParityTests
{
    public static TheoryData<string, GoldenWeights, ScalarType> Cases => GoldenCases.All;

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Run_EveryQuantity_EqualsReference(string model, GoldenWeights weights, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(model);
        using var transformer = GoldenCases.Load(model, weights, dtype);
        using var scope = NewDisposeScope();
        var compare = new GoldenCompare($"{GoldenCases.Title(model, weights, dtype)}, runs", dtype);
        var reference = new RunReference(golden, transformer, compare, GoldenCases.Group(weights, "run"), Tolerances.Activations(model, dtype),
            Tolerances.Tables(model, weights == GoldenWeights.Stored ? ScalarType.Float32 : dtype)); // stored weights were rounded to float32
        var expected = reference.CompareAll();
        if (GoldenCases.OnPage(model))
            Evidence.Record("golden-activations", compare.Holds, compare.Figure);
        compare.ShouldHold(expected);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void GenerateTokens_EightGreedily_EqualsReference(string model, GoldenWeights weights, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(model);
        var array = GoldenCases.Group(weights, "run/greedy_tokens_8");
        Skip.IfNot(golden.Has(array), "the reference does not generate with this model");
        using var transformer = GoldenCases.Load(model, weights, dtype);
        var rows = golden.Rows(array);
        rows.Length.ShouldBe(4);
        transformer.On(rows.Select(r => r[..5])).GenerateTokens(8).ShouldBe(rows.Select(r => r[5..]).ToArray());
    }

    [SkippableTheory]
    [InlineData("gpt2", 18)]
    [InlineData("llama", 18)]
    [InlineData("llama_gqa", 18)]
    [InlineData("llama31", 18)]
    [InlineData("attn_only", 18)]
    [InlineData("attn_only_nonorm", 17)]
    [InlineData("relu_bidir", 14)]
    [InlineData("solu_ln", 18)]
    public void Reference_OfEachModel_HoldsSoManyQuantities(string model, int quantities)
    {
        using var golden = GoldenFile.Open(model);
        golden.Names("raw_run").Except(RunReference.NotNumbers).Count().ShouldBe(quantities);
    }
}
