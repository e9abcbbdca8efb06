namespace Interp;

using Interp.Extending;
using static TorchSharp.torch;

/// <summary>OLMo 1: Llama with LayerNorms that have no parameters, and queries, keys and values that may be clipped.</summary>
/// <remarks>Source: Hugging Face's OlmoForCausalLM. The norms' epsilon is fixed; their gains are ones here.</remarks>
internal sealed class OlmoFamily : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["OlmoForCausalLM"];

    public string ModelType => "olmo";

    public TransformerConfig Describe(ConfigFile config) =>
        LlamaLayout.Describe(config) with { Norm = NormKind.LayerNorm, Epsilon = 1e-5, QkvClip = config.Number("clip_qkv", 0) };

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var biased = file.Flag("attention_bias", false);
        return LlamaLayout.Weights(reader, file, config, prefix => new BlockWeights
        {
            Norm1 = Bare(reader, config),
            Attention = LlamaLayout.Attention(reader, config, prefix, biased, biased),
            Norm2 = Bare(reader, config),
            Mlp = LlamaLayout.Mlp(reader, config, prefix),
        }, Bare(reader, config));
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);

    private static NormWeights Bare(WeightReader reader, TransformerConfig config) =>
        new() { Gain = ones([config.DModel], dtype: reader.DType, device: reader.Device) };
}
