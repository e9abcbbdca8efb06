namespace Interp;

using Interp.Extending;

/// <summary>Phi-3, 3.5 and 4: Llama with queries, keys and values in one matrix, gate and linear branch in another, and a window in every layer.</summary>
/// <remarks>Source: Hugging Face's Phi3ForCausalLM. Part of each head is rotated; long texts have frequencies of their own (longrope).</remarks>
internal sealed class Phi3Family : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["Phi3ForCausalLM"];

    public string ModelType => "phi3";

    public TransformerConfig Describe(ConfigFile config)
    {
        var common = LlamaLayout.Describe(config);
        return common with
        {
            Epsilon = config.Number("rms_norm_eps", 1e-5),
            Rotary = common.Rotary with { Dimensions = RotarySettings.Part(config, common.DHead, "partial_rotary_factor", 1) },
            Windows = AttentionWindows.Everywhere(config),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config) => LlamaLayout.Weights(
        reader, file, config, prefix => Block(reader, config, prefix), reader.Norm(config.DModel, "model.norm.weight"));

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix)
    {
        var (d, queries, columns) = (config.DModel, (long)config.Heads * config.DHead, (config.Heads + 2L * config.KvHeads) * config.DHead);
        var attention = new AttentionWeights
        {
            Qkv = reader.Linear(d, (prefix + "self_attn.qkv_proj.weight", columns)),
            Output = reader.Linear(queries, (prefix + "self_attn.o_proj.weight", d)),
        };
        return LlamaLayout.Block(reader, config, prefix, attention, new MlpWeights
        {
            In = reader.Linear(d, (prefix + "mlp.gate_up_proj.weight", 2L * config.DMlp)),
            Out = reader.Linear(config.DMlp, (prefix + "mlp.down_proj.weight", d)),
        });
    }
}
