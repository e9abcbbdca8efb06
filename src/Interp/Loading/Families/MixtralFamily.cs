namespace Interp;

using Interp.Extending;

/// <summary>Mixtral: Mistral with experts in the MLP's place.</summary>
/// <remarks>Source: Hugging Face's MixtralForCausalLM. Of an expert's matrices <c>w1</c> is the gate, <c>w3</c> the linear branch, <c>w2</c> the output.</remarks>
internal sealed class MixtralFamily : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["MixtralForCausalLM"];

    public string ModelType => "mixtral";

    public TransformerConfig Describe(ConfigFile config)
    {
        var common = LlamaLayout.Describe(config);
        return common with
        {
            Epsilon = config.Number("rms_norm_eps", 1e-5),
            Rotary = RotarySettings.Read(config, 1e6),
            Windows = AttentionWindows.Everywhere(config),
            Experts = config.Int("num_local_experts", 8),
            ExpertsPerToken = config.Int("num_experts_per_tok", 2),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config) => LlamaLayout.Weights(
        reader, file, config, prefix => Block(reader, config, prefix), reader.Norm(config.DModel, "model.norm.weight"));

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix) => new()
    {
        Norm1 = reader.Norm(config.DModel, prefix + "input_layernorm.weight"),
        Attention = LlamaLayout.Attention(reader, config, prefix, inputBias: false, outputBias: false),
        Norm2 = reader.Norm(config.DModel, prefix + "post_attention_layernorm.weight"),
        Experts = new ExpertWeights
        {
            Router = reader.Linear(config.DModel, (prefix + "block_sparse_moe.gate.weight", config.Experts)),
            Experts = [.. Enumerable.Range(0, config.Experts).Select(e => Expert(reader, config, $"{prefix}block_sparse_moe.experts.{e}."))],
        },
    };

    private static MlpWeights Expert(WeightReader reader, TransformerConfig config, string prefix) => new()
    {
        In = reader.Linear(config.DModel, (prefix + "w1.weight", config.DMlp), (prefix + "w3.weight", config.DMlp)),
        Out = reader.Linear(config.DMlp, (prefix + "w2.weight", config.DModel)),
    };
}
