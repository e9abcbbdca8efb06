namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>StableLM: Llama with LayerNorms, a rotated part of each head, and in some sizes biases, parallel blocks, or a LayerNorm for each head's queries and keys.</summary>
/// <remarks>Source: Hugging Face's StableLmForCausalLM. The one norm of a parallel block is both its norms here.</remarks>
internal sealed class StableLmFamily : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["StableLmForCausalLM"];

    public string ModelType => "stablelm";

    public TransformerConfig Describe(ConfigFile config)
    {
        var common = LlamaLayout.Describe(config);
        return common with
        {
            Norm = NormKind.LayerNorm,
            Epsilon = config.Number("layer_norm_eps", 1e-5),
            Rotary = common.Rotary with { Dimensions = RotarySettings.Part(config, common.DHead, "partial_rotary_factor", 0.25) },
            ParallelBlocks = config.Flag("use_parallel_residual", false),
            QueryKeyNorm = config.Flag("qk_layernorm", false),
            QueryKeyNormKind = QueryKeyNormKind.EachHead,
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config) => LlamaLayout.Weights(
        reader, file, config, prefix => Block(reader, file, config, prefix), reader.Norm(config.DModel, "model.norm.weight", "model.norm.bias"));

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);

    private static BlockWeights Block(WeightReader reader, ConfigFile file, TransformerConfig config, string prefix)
    {
        NormWeights Norm(string name) => reader.Norm(config.DModel, $"{prefix}{name}.weight", $"{prefix}{name}.bias");
        (NormWeights, NormWeights)? norms = config.QueryKeyNorm
            ? (Stacked(reader, config, prefix + "self_attn.q_layernorm.norms.", config.Heads), Stacked(reader, config, prefix + "self_attn.k_layernorm.norms.", config.KvHeads))
            : null;
        return new BlockWeights
        {
            Norm1 = Norm("input_layernorm"),
            Attention = LlamaLayout.Attention(reader, config, prefix, file.Flag("use_qkv_bias", false), outputBias: false, norms: norms),
            Norm2 = Norm(config.ParallelBlocks ? "input_layernorm" : "post_attention_layernorm"),
            Mlp = LlamaLayout.Mlp(reader, config, prefix),
        };
    }

    private static NormWeights Stacked(WeightReader reader, TransformerConfig config, string prefix, int heads)
    {
        using var scope = NewDisposeScope();
        var gains = stack([.. Enumerable.Range(0, heads).Select(head => reader.Read($"{prefix}{head}.weight", config.DHead))], 0); // [head, d_head]
        return new NormWeights { Gain = gains.MoveToOuterDisposeScope() };
    }
}
