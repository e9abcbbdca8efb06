namespace Interp;

using Interp.Extending;

/// <summary>OLMo 2: Llama whose norms stand behind the sublayers instead of before them, with RMSNorms over whole query and key projections.</summary>
/// <remarks>Source: Hugging Face's Olmo2ForCausalLM. What a sublayer adds (<c>hook_attn_out</c>, <c>hook_mlp_out</c>) is behind its norm, as in Gemma 2.</remarks>
internal sealed class Olmo2Family : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["Olmo2ForCausalLM"];

    public string ModelType => "olmo2";

    public TransformerConfig Describe(ConfigFile config) => LlamaLayout.Describe(config) with
    {
        Epsilon = config.Number("rms_norm_eps", 1e-5),
        PreNorms = false,
        PostNorms = true,
        QueryKeyNorm = true,
        QueryKeyNormKind = QueryKeyNormKind.Projection,
    };

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var biased = file.Flag("attention_bias", false);
        NormWeights OverHeads(string name, int heads) => new() { Gain = reader.Read(name, (long)heads * config.DHead).view(heads, config.DHead) };
        return LlamaLayout.Weights(reader, file, config, prefix => new BlockWeights
        {
            Attention = LlamaLayout.Attention(reader, config, prefix, biased, biased, norms:
                (OverHeads(prefix + "self_attn.q_norm.weight", config.Heads), OverHeads(prefix + "self_attn.k_norm.weight", config.KvHeads))),
            PostNorm1 = reader.Norm(config.DModel, prefix + "post_attention_layernorm.weight"),
            Mlp = LlamaLayout.Mlp(reader, config, prefix),
            PostNorm2 = reader.Norm(config.DModel, prefix + "post_feedforward_layernorm.weight"),
        }, reader.Norm(config.DModel, "model.norm.weight"));
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);
}
