namespace Interp.Tests.Model.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class WeightProcessingTests
{
    public static TheoryData<string> Processed => [.. GoldenModel.Processed];

    [SkippableTheory]
    [MemberData(nameof(Processed))]
    public void Process_AsTransformerLens_EqualsItsProcessedWeights(string name)
    {
        using var file = SafetensorsFile.Open(GoldenModel.Weights(name, processed: true));
        foreach (var (dtype, tolerance) in new[] { (ScalarType.Float64, 2e-6), (ScalarType.Float32, 1e-5) })
        {
            using var raw = GoldenModel.Load(name, processed: false, dtype);
            using var processed = raw.Process(WeightProcessing.TransformerLens);
            using var exported = processed.ToTransformerLens();

            exported.Keys.Order().ShouldBe(file.Names.Order());
            foreach (var (tensor, value) in exported)
                value.RelativeDifference(file, tensor).ShouldBeLessThan(tolerance, $"{name} {tensor} {dtype}");
        }
    }

    [SkippableFact]
    public void Process_ModelWithoutNorms_CentresTheUnembeddingAndFoldsValueBiasesOnly()
    {
        using var raw = GoldenModel.Load("attn_only_nonorm", processed: false, ScalarType.Float64);
        using var processed = raw.Process(WeightProcessing.TransformerLens);

        processed.Config.ShouldBe(raw.Config);
        TensorAssert.Doubles(processed.Weights.Embedding).ShouldBe(TensorAssert.Doubles(raw.Weights.Embedding));
        using var means = processed.Weights.Unembedding.mean([1]);
        TensorAssert.Doubles(means).Max(Math.Abs).ShouldBeLessThan(1e-15);
        using var valueBias = processed.BV(0);
        TensorAssert.Doubles(valueBias).ShouldAllBe(x => x == 0);
    }

    [SkippableFact]
    public void Process_Nothing_SharesEveryTensor()
    {
        using var raw = GoldenModel.Load("gpt2", processed: false, ScalarType.Float32);
        using var second = raw.Process(WeightProcessing.None);

        raw.Weights.Embedding.fill_(3);

        TensorAssert.Doubles(second.Weights.Embedding).ShouldAllBe(x => x == 3);
    }

    [SkippableFact]
    public void Process_OfAModelThatIsDisposed_LivesOn()
    {
        using var file = SafetensorsFile.Open(GoldenModel.Weights("llama_gqa", processed: true));
        var raw = GoldenModel.Load("llama_gqa", processed: false, ScalarType.Float32);
        using var processed = raw.Process(WeightProcessing.TransformerLens);
        raw.Dispose();

        processed.Weights.Embedding.ShouldEqualExactly(file, "embed.W_E");
    }

    [SkippableFact]
    public void Process_Twice_ChangesNothingMore()
    {
        using var raw = GoldenModel.Load("gpt2", processed: false, ScalarType.Float64);
        using var once = raw.Process(WeightProcessing.TransformerLens);
        using var twice = once.Process(WeightProcessing.TransformerLens);
        using var first = once.ToTransformerLens();
        using var second = twice.ToTransformerLens();

        foreach (var (name, tensor) in first)
            TensorAssert.Doubles(second[name]).Zip(TensorAssert.Doubles(tensor), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-14, name);
    }

    [SkippableFact]
    public void Process_RefactoringRotaryModel_SaysWhyNot()
    {
        using var raw = GoldenModel.Load("llama", processed: false, ScalarType.Float32);

        Should.Throw<ArgumentException>(() => raw.Process(new WeightProcessing { RefactorFactoredAttention = true })).Message.ShouldContain("rotary");
    }

    [SkippableTheory]
    [InlineData("gpt2")]
    [InlineData("attn_only_nonorm")]
    public void Process_Refactoring_KeepsProductsAndMakesFactorsOrthogonal(string name)
    {
        using var raw = GoldenModel.Load(name, processed: false, ScalarType.Float64);
        using var processed = raw.Process(new WeightProcessing { RefactorFactoredAttention = true });
        using var scope = NewDisposeScope();

        for (var layer = 0; layer < raw.Config.Layers; layer++)
        {
            Difference(Product(raw.WV(layer), raw.WO(layer)), Product(processed.WV(layer), processed.WO(layer))).ShouldBeLessThan(1e-13);
            Difference(Scores(raw, layer), Scores(processed, layer)).ShouldBeLessThan(1e-13);
            var writes = processed.WO(layer); // [head, d_head, d_model]
            var gram = matmul(writes, writes.transpose(1, 2)); // [head, d_head, d_head]
            Difference(gram, eye(raw.Config.DHead, dtype: ScalarType.Float64).expand(gram.shape)).ShouldBeLessThan(1e-13);
        }
    }

    private static Tensor Scores(HookedTransformer model, int layer) => Product(
        cat([model.WQ(layer), model.BQ(layer).unsqueeze(1)], 1),
        cat([model.WK(layer), model.BK(layer).unsqueeze(1)], 1).transpose(1, 2));

    private static Tensor Product(Tensor left, Tensor right) => matmul(left, right);

    private static double Difference(Tensor left, Tensor right) => (left - right).abs().max().item<double>();
}
