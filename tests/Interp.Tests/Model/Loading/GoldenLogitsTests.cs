namespace Interp.Tests.Model.Loading;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>What loaded models compute, against the reference's float64 logits.</summary>
[Trait("Tier", "model")]
public sealed class GoldenLogitsTests
{
    public static TheoryData<string> Foundation => [.. GoldenModel.Foundation];

    public static TheoryData<string> Processed => [.. GoldenModel.Processed];

    public static TheoryData<string> HuggingFace => [.. GoldenModel.HuggingFace];

    [SkippableTheory]
    [MemberData(nameof(HuggingFace))]
    public void Load_HuggingFaceFolder_LogitsEqualTheReference(string name)
    {
        using var model = Models.Load(GoldenModel.Folder(name), new LoadOptions { DType = ScalarType.Float64 });

        Difference(model, name, "hf_reference/logits_clean").ShouldBeLessThan(Tolerance(name));
        Difference(model, name, "raw_run/logits_clean").ShouldBeLessThan(Tolerance(name));
    }

    [SkippableTheory]
    [MemberData(nameof(Foundation))]
    public void FromTransformerLens_RawWeights_LogitsEqualTheReference(string name)
    {
        using var model = GoldenModel.Load(name, processed: false, ScalarType.Float64);

        Difference(model, name, "raw_run/logits_clean").ShouldBeLessThan(Tolerance(name));
    }

    [SkippableTheory]
    [MemberData(nameof(Processed))]
    public void Process_AsTransformerLens_LogitsEqualTheReference(string name)
    {
        using var raw = GoldenModel.Load(name, processed: false, ScalarType.Float64);
        using var processed = raw.Process(WeightProcessing.TransformerLens);
        using var loaded = GoldenModel.Load(name, processed: true, ScalarType.Float64);

        Difference(processed, name, "proc_run/logits_clean").ShouldBeLessThan(Tolerance(name));
        Difference(loaded, name, "proc_run/logits_clean").ShouldBeLessThan(Tolerance(name));
    }

    // The reference rounded the frequencies of llama31 to float32.
    private static double Tolerance(string name) => name == "llama31" ? 5e-6 : 2e-6;

    private static double Difference(HookedTransformer model, string name, string array)
    {
        using var scope = NewDisposeScope();
        using var golden = SafetensorsFile.Open(Path.Combine(GoldenModel.Folder(name), "golden.safetensors"));
        return model.On(golden.Read("tokens/clean")).Logits().RelativeDifference(golden, array);
    }
}
