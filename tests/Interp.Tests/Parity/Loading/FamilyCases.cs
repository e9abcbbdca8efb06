namespace Interp.Tests.Parity.Loading;

using Interp.Tests.Support;
using Xunit;
using static TorchSharp.torch;

/// <summary>The reference's small random models that exist as Hugging Face checkpoints.</summary>
internal static class FamilyCases
{
    /// <summary>Every one.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "gpt2", "neox", "llama", "llama_gqa", "llama31", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "gemma3_27b", "gpt_neo", "gptj",
        "phi", "phi3", "phi3_swa", "phi3_long", "phi3_short", "olmo", "olmo_clip", "olmo2", "olmo2_gqa", "opt", "opt_350m", "bloom", "bloom_h6",
        "stablelm", "stablelm_12b", "mixtral",
    ];

    /// <summary>Those whose activations TransformerLens stored.</summary>
    public static IReadOnlyList<string> Cached { get; } =
    [
        "gpt2", "neox", "llama", "llama_gqa", "llama31", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "gpt_neo", "gptj", "phi", "phi3",
        "olmo", "olmo2", "opt", "bloom", "mixtral",
    ];

    /// <summary>Those whose activations on processed weights it stored too.</summary>
    public static IReadOnlyList<string> Processed { get; } =
        ["gpt2", "neox", "llama", "llama_gqa", "llama31", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gpt_neo", "gptj"];

    /// <summary>Each model in float64 and float32.</summary>
    public static TheoryData<string, ScalarType> InBothTypes(IEnumerable<string> models)
    {
        var cases = new TheoryData<string, ScalarType>();
        foreach (var model in models)
        {
            cases.Add(model, ScalarType.Float64);
            cases.Add(model, ScalarType.Float32);
        }
        return cases;
    }

    /// <summary>A model from its Hugging Face folder.</summary>
    public static HookedTransformer Load(string model, ScalarType dtype) => Models.Load(Repository.Shared("golden", model), new LoadOptions { DType = dtype });

    /// <summary>The largest relative difference; the reference of some models rounded some of its constants to float32.</summary>
    public static double Tolerance(string model, ScalarType dtype) =>
        dtype != ScalarType.Float64 ? 1e-5 : model is "llama31" or "gemma" or "gemma2" or "gemma3" or "mixtral" or "bloom" ? 5e-6 : 2e-6;

    /// <summary>What a case is called in messages and on the evidence page.</summary>
    public static string Title(string model, ScalarType dtype, string what) => $"{model}: {what}, {dtype.ToString().ToLowerInvariant()}";
}
