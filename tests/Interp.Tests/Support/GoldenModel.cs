namespace Interp.Tests.Support;

using System.Text.Json;
using Interp.Extending;
using static TorchSharp.torch;

/// <summary>The small random models beside the checkout, as TransformerLens stored them.</summary>
internal static class GoldenModel
{
    /// <summary>The models of the families that are built in.</summary>
    public static IReadOnlyList<string> Foundation { get; } =
        ["gpt2", "llama", "llama_gqa", "llama31", "attn_only", "attn_only_nonorm", "relu_bidir", "solu_ln"];

    /// <summary>Those of them that exist as Hugging Face checkpoints too.</summary>
    public static IReadOnlyList<string> HuggingFace { get; } = ["gpt2", "llama", "llama_gqa", "llama31"];

    /// <summary>Those of them whose processed weights are stored.</summary>
    public static IReadOnlyList<string> Processed { get; } = [.. Foundation.Where(name => name != "attn_only_nonorm")];

    /// <summary>The folder of a model; skips the calling test where it is absent.</summary>
    public static string Folder(string name) => Repository.Shared("golden", name);

    /// <summary>The configuration that the model was made with.</summary>
    public static TransformerConfig Config(string name)
    {
        var path = Path.Combine(Folder(name), "golden.json");
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var section = document.RootElement.GetProperty("tl_config").GetRawText();
        return TransformerLensConfig.Read(ConfigFile.Parse(section, path)) with { ModelName = name };
    }

    /// <summary>The file of raw or processed weights in TransformerLens's layout.</summary>
    public static string Weights(string name, bool processed) => Path.Combine(Folder(name), processed ? "tl_processed.safetensors" : "tl_raw.safetensors");

    /// <summary>The model over its stored weights, raw or processed.</summary>
    public static HookedTransformer Load(string name, bool processed, ScalarType dtype)
    {
        var config = Config(name);
        if (processed && config.Norm != NormKind.None)
            config = config with { Norm = config.Norm == NormKind.Rms ? NormKind.RmsPre : NormKind.LayerNormPre };
        return Models.FromTransformerLens(Weights(name, processed), config, new LoadOptions { DType = dtype });
    }
}
