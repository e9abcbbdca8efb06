namespace Interp.Tests.Model.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>What the processed models compute.</summary>
[Trait("Tier", "model")]
public sealed class ProcessedNumericsTests
{
    public static TheoryData<string> Foundation => [.. GoldenModel.Foundation];

    [SkippableTheory]
    [MemberData(nameof(Foundation))]
    public void Process_AsTransformerLens_KeepsLogProbabilities(string name)
    {
        using var scope = NewDisposeScope();
        using var raw = GoldenModel.Load(name, processed: false, ScalarType.Float64);
        using var processed = raw.Process(WeightProcessing.TransformerLens);

        Largest(LogProbabilities(raw) - LogProbabilities(processed)).ShouldBeLessThan(1e-12);
        Largest(raw.On(Tokens(raw)).Logits() - processed.On(Tokens(raw)).Logits()).ShouldBeGreaterThan(1e-6, "centring the unembedding moves the logits themselves");
    }

    [SkippableTheory]
    [InlineData("gpt2")]
    [InlineData("attn_only")]
    [InlineData("attn_only_nonorm")]
    [InlineData("relu_bidir")]
    [InlineData("solu_ln")]
    public void Process_Refactoring_KeepsLogits(string name)
    {
        using var scope = NewDisposeScope();
        using var raw = GoldenModel.Load(name, processed: false, ScalarType.Float64);
        using var processed = raw.Process(new WeightProcessing { RefactorFactoredAttention = true });

        Largest(raw.On(Tokens(raw)).Logits() - processed.On(Tokens(raw)).Logits()).ShouldBeLessThan(1e-12);
    }

    [SkippableTheory]
    [InlineData("llama_gqa")]
    [InlineData("gpt2")]
    public void Process_BFloat16Model_RoundsOnlyOnce(string name)
    {
        using var scope = NewDisposeScope();
        using var narrow = GoldenModel.Load(name, processed: false, ScalarType.BFloat16);
        using var wide = narrow.To(ScalarType.Float32);
        using var processedNarrow = narrow.Process(WeightProcessing.TransformerLens);
        using var processedWide = wide.Process(WeightProcessing.TransformerLens);

        processedNarrow.Dtype.ShouldBe(ScalarType.BFloat16);
        foreach (var (ours, theirs) in processedNarrow.Weights.Tensors().Zip(processedWide.Weights.Tensors()))
            TensorAssert.Doubles(ours.Tensor).ShouldBe(TensorAssert.Doubles(theirs.Tensor.to(ScalarType.BFloat16)), ours.Name);
    }

    private static Tensor Tokens(HookedTransformer model) =>
        (arange(40, dtype: ScalarType.Int64) * 7 % model.Config.DVocab).view(4, 10); // [batch, pos]

    private static Tensor LogProbabilities(HookedTransformer model) => model.On(Tokens(model)).Logits().log_softmax(-1);

    private static double Largest(Tensor tensor) => tensor.abs().max().item<double>();
}
