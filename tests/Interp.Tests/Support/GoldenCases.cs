namespace Interp.Tests.Support;

using Xunit;
using static TorchSharp.torch;

/// <summary>Which weights of a golden model run.</summary>
public enum GoldenWeights
{
    /// <summary>As they were trained.</summary>
    Raw,

    /// <summary>The raw ones, processed by this library.</summary>
    Processed,

    /// <summary>Those that TransformerLens processed and stored.</summary>
    Stored,
}

/// <summary>The cases that parity tests run over.</summary>
internal static class GoldenCases
{
    /// <summary>Families beyond those that must hold, as far as the TransformerLens layout describes them.</summary>
    public static IReadOnlyList<string> Beyond { get; } = ["neox", "gptj", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gpt_neo"];

    /// <summary>Every model, weights and type.</summary>
    public static TheoryData<string, GoldenWeights, ScalarType> All => Cases([.. GoldenModel.Foundation, .. Beyond], [GoldenWeights.Raw, GoldenWeights.Processed, GoldenWeights.Stored]);

    /// <summary>Every model with its raw and its processed weights, in each type.</summary>
    public static TheoryData<string, GoldenWeights, ScalarType> RawAndProcessed => Cases([.. GoldenModel.Foundation, .. Beyond], [GoldenWeights.Raw, GoldenWeights.Processed]);

    /// <summary>Every model with its raw and its processed weights, in one type.</summary>
    public static TheoryData<string, GoldenWeights, ScalarType> OfType(ScalarType dtype)
    {
        var cases = new TheoryData<string, GoldenWeights, ScalarType>();
        foreach (var row in RawAndProcessed.Where(row => (ScalarType)row[2] == dtype))
            cases.Add((string)row[0], (GoldenWeights)row[1], dtype);
        return cases;
    }

    /// <summary>Every case for which the references hold gradients: raw weights but of the bidirectional model, and processed ones of two.</summary>
    public static TheoryData<string, GoldenWeights, ScalarType> WithGradients
    {
        get
        {
            var cases = new TheoryData<string, GoldenWeights, ScalarType>();
            foreach (var row in RawAndProcessed.Where(row => row[0] is not "relu_bidir" && ((GoldenWeights)row[1] == GoldenWeights.Raw || row[0] is "gpt2" or "llama_gqa")))
                cases.Add((string)row[0], (GoldenWeights)row[1], (ScalarType)row[2]);
            return cases;
        }
    }

    /// <summary>Whether a model is among those of the evidence page.</summary>
    public static bool OnPage(string model) => GoldenModel.Foundation.Contains(model);

    /// <summary>The model of a case.</summary>
    public static HookedTransformer Load(string model, GoldenWeights weights, ScalarType dtype)
    {
        if (weights == GoldenWeights.Stored)
            return GoldenModel.Load(model, processed: true, dtype);
        var raw = GoldenModel.Load(model, processed: false, dtype);
        if (weights == GoldenWeights.Raw)
            return raw;
        using (raw)
            return raw.Process(WeightProcessing.TransformerLens);
    }

    /// <summary>The group of arrays of a case, such as <c>raw_cache_clean</c>.</summary>
    public static string Group(GoldenWeights weights, string group) => (weights == GoldenWeights.Raw ? "raw_" : "proc_") + group;

    /// <summary>What a case is called in messages and on the evidence page.</summary>
    public static string Title(string model, GoldenWeights weights, ScalarType dtype) => weights == GoldenWeights.Stored
        ? $"{model} processed (stored) {Type(dtype)}"
        : $"{model} {weights.ToString().ToLowerInvariant()} {Type(dtype)}";

    private static string Type(ScalarType dtype) => dtype.ToString().ToLowerInvariant();

    private static TheoryData<string, GoldenWeights, ScalarType> Cases(string[] models, GoldenWeights[] kinds)
    {
        var cases = new TheoryData<string, GoldenWeights, ScalarType>();
        foreach (var model in models)
            // gemma2: the reference centres the unembedding in spite of the soft cap, which moves its logits; ours does not.
            foreach (var weights in kinds.Where(k => k == GoldenWeights.Raw || model is not ("attn_only_nonorm" or "gemma2")))
                foreach (var dtype in new[] { ScalarType.Float64, ScalarType.Float32 })
                    cases.Add(model, weights, dtype);
        return cases;
    }
}
