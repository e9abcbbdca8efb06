namespace Interp;

using Interp.Extending;

/// <summary>Qwen 3: Llama with an RMSNorm over each head's queries and keys, before they are rotated.</summary>
/// <remarks>Source: Hugging Face's Qwen3ForCausalLM; d_head is 128 where the configuration leaves it out.</remarks>
internal sealed class Qwen3Family : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["Qwen3ForCausalLM"];

    public string ModelType => "qwen3";

    public TransformerConfig Describe(ConfigFile config) => LlamaLayout.Describe(config) with
    {
        DHead = config.Int("head_dim", 128),
        QueryKeyNorm = true,
        Windows = AttentionWindows.InUpperLayers(config),
    };

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var biased = file.Flag("attention_bias", false);
        NormWeights Norm(string prefix, string name) => reader.Norm(config.DHead, $"{prefix}self_attn.{name}.weight");
        BlockWeights Block(string prefix) => LlamaLayout.Block(reader, config, prefix,
            LlamaLayout.Attention(reader, config, prefix, biased, biased, norms: (Norm(prefix, "q_norm"), Norm(prefix, "k_norm"))));
        return LlamaLayout.Weights(reader, file, config, Block, reader.Norm(config.DModel, "model.norm.weight"));
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);
}
