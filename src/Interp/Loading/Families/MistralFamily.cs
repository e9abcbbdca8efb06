namespace Interp;

using Interp.Extending;

/// <summary>Mistral: Llama with a window over the keys in every layer.</summary>
/// <remarks>Source: Hugging Face's MistralForCausalLM; a configuration that does not mention <c>sliding_window</c> means 4,096.</remarks>
internal sealed class MistralFamily : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["MistralForCausalLM"];

    public string ModelType => "mistral";

    public TransformerConfig Describe(ConfigFile config) =>
        LlamaLayout.Describe(config) with { Windows = AttentionWindows.Everywhere(config, config.Mentions("sliding_window") ? 0 : 4096) };

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        BlockWeights Block(string prefix) => LlamaLayout.Block(reader, config, prefix,
            LlamaLayout.Attention(reader, config, prefix, inputBias: false, outputBias: false));
        return LlamaLayout.Weights(reader, file, config, Block, reader.Norm(config.DModel, "model.norm.weight"));
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);
}
