namespace Interp.Tests.Model.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

[Trait("Tier", "model")]
public sealed class FamilyTests
{
    public static TheoryData<string> HuggingFace => [.. GoldenModel.HuggingFace];

    public static TheoryData<string> Foundation => [.. GoldenModel.Foundation];

    public static TheoryData<string> Processed => [.. GoldenModel.Processed];

    [SkippableTheory]
    [MemberData(nameof(HuggingFace))]
    public void Load_HuggingFaceFolder_EqualsTransformerLensBitForBit(string name)
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using var model = Models.Load(GoldenModel.Folder(name), new LoadOptions { DType = dtype });
            using var file = SafetensorsFile.Open(GoldenModel.Weights(name, processed: false));
            model.Dtype.ShouldBe(dtype);
            ShouldExportExactly(model, file);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(HuggingFace))]
    public void Load_HuggingFaceFolder_DescribesWhatTransformerLensDescribes(string name)
    {
        using var model = Models.Load(GoldenModel.Folder(name));
        var reference = GoldenModel.Config(name);

        var ours = model.Config;

        ours.KvHeads.ShouldBe(reference.KvHeads);
        ours.ScoreScale.ShouldBe(reference.ScoreScale, 1e-15);
        ours.VocabOut.ShouldBe(reference.VocabOut);
        ours.Rotary.Dim(ours.DHead).ShouldBe(reference.Rotary.Dim(reference.DHead));
        (ours with
        {
            KeyValueHeads = reference.KeyValueHeads,
            DVocabOut = reference.DVocabOut,
            AttentionScale = reference.AttentionScale,
            Rotary = ours.Rotary with { Dimensions = reference.Rotary.Dimensions },
            Windows = reference.Windows,
        }).ShouldBe(reference);
    }

    [SkippableTheory]
    [MemberData(nameof(Foundation))]
    public void FromTransformerLens_RawWeights_ComeBackBitForBit(string name)
    {
        using var model = GoldenModel.Load(name, processed: false, ScalarType.Float32);
        using var file = SafetensorsFile.Open(GoldenModel.Weights(name, processed: false));

        ShouldExportExactly(model, file);
    }

    [SkippableTheory]
    [MemberData(nameof(Processed))]
    public void FromTransformerLens_ProcessedWeights_ComeBackBitForBit(string name)
    {
        using var model = GoldenModel.Load(name, processed: true, ScalarType.Float32);
        using var file = SafetensorsFile.Open(GoldenModel.Weights(name, processed: true));

        ShouldExportExactly(model, file);
    }

    [SkippableTheory]
    [InlineData("induction-2l-attn-only-trained", 0, 64)]
    [InlineData("max-of-two-trained", 0, 32)]
    [InlineData("modadd113-seed2", 512, 32)]
    [InlineData("modadd59-clock-l8k1hzciux", 512, 32)]
    public void Load_TransformerLensFolder_ReadsEveryStoredTensor(string name, int neurons, int squaredScale)
    {
        var folder = Repository.Shared("models", name);
        using var model = Models.Load(folder);
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        using var exported = model.ToTransformerLens();

        model.Config.ModelName.ShouldBe(name);
        model.Config.DMlp.ShouldBe(neurons);
        model.Config.ScoreScale.ShouldBe(Math.Sqrt(squaredScale), 1e-12);
        model.Config.Norm.ShouldBe(NormKind.None);
        foreach (var tensor in file.Names)
            exported[tensor].ShouldEqualExactly(file, tensor);
    }

    [SkippableTheory]
    [InlineData("modadd59-clock-l8k1hzciux", false)]
    [InlineData("modadd113-seed2", true)]
    public void Load_AttentionDirection_DecidesCausality(string name, bool causal)
    {
        using var model = Models.Load(Repository.Shared("models", name));

        model.Config.Causal.ShouldBe(causal);
    }

    [SkippableFact]
    public void Load_Stories260K_TiesTheHeadAndFindsItsTokenizer()
    {
        using var model = Models.Load(Repository.Shared("models", "stories260K"));
        using var exported = model.ToTransformerLens();
        using var transposed = exported["embed.W_E"].t();

        model.Tokenizer.ShouldNotBeNull();
        model.Config.KvHeads.ShouldBe(4);
        TensorAssert.Doubles(exported["unembed.W_U"]).ShouldBe(TensorAssert.Doubles(transposed));
    }

    [SkippableFact]
    public void Load_BFloat16Checkpoint_IsFloat32ByDefaultAndExactInBoth()
    {
        var folder = Repository.Shared("models", "tiny-random-llama-bf16");
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        using var wide = Models.Load(folder);
        using var narrow = Models.Load(folder, new LoadOptions { DType = ScalarType.BFloat16 });

        wide.Dtype.ShouldBe(ScalarType.Float32);
        narrow.Dtype.ShouldBe(ScalarType.BFloat16);
        wide.Weights.Embedding.ShouldEqualExactly(file, "model.embed_tokens.weight");
        narrow.Weights.Embedding.ShouldEqualExactly(file, "model.embed_tokens.weight");
    }

    private static void ShouldExportExactly(HookedTransformer model, SafetensorsFile file)
    {
        using var exported = model.ToTransformerLens();
        exported.Keys.Order().ShouldBe(file.Names.Order());
        foreach (var (name, tensor) in exported)
            tensor.ShouldEqualExactly(file, name);
    }
}
