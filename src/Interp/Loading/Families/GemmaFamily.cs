namespace Interp;

using Interp.Extending;

/// <summary>Gemma 1: Llama with a gated GELU, a scaled embedding, and gains stored as their difference from one.</summary>
/// <remarks>Source: Hugging Face's GemmaForCausalLM.</remarks>
internal sealed class GemmaFamily : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["GemmaForCausalLM"];

    public string ModelType => "gemma";

    public TransformerConfig Describe(ConfigFile config) => GemmaLayout.Describe(config);

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var biased = file.Flag("attention_bias", false);
        return GemmaLayout.Weights(reader, file, config, prefix => new BlockWeights
        {
            Norm1 = GemmaLayout.Norm(reader, config.DModel, prefix + "input_layernorm.weight"),
            Attention = LlamaLayout.Attention(reader, config, prefix, biased, biased),
            Norm2 = GemmaLayout.Norm(reader, config.DModel, prefix + "post_attention_layernorm.weight"),
            Mlp = LlamaLayout.Mlp(reader, config, prefix),
        });
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);
}
