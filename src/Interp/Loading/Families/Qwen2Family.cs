namespace Interp;

using Interp.Extending;

/// <summary>Qwen 2 and 2.5: Llama with biases on queries, keys and values, and a window in the upper layers where it is switched on.</summary>
/// <remarks>Source: Hugging Face's Qwen2ForCausalLM.</remarks>
internal sealed class Qwen2Family : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["Qwen2ForCausalLM"];

    public string ModelType => "qwen2";

    public TransformerConfig Describe(ConfigFile config) => LlamaLayout.Describe(config) with { Windows = AttentionWindows.InUpperLayers(config) };

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        BlockWeights Block(string prefix) => LlamaLayout.Block(reader, config, prefix,
            LlamaLayout.Attention(reader, config, prefix, inputBias: true, outputBias: false));
        return LlamaLayout.Weights(reader, file, config, Block, reader.Norm(config.DModel, "model.norm.weight"));
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);
}
