namespace Interp;

using Interp.Extending;

/// <summary>Llama 1 to 3.3 and all that came in its form (SmolLM, Yi, ...): rotary halves, RMSNorm, gated MLP, grouped queries; matrices stored [out, in].</summary>
/// <remarks>Source: Hugging Face's LlamaForCausalLM. Rows of q and k stand as Hugging Face's half-rotation wants them and are not permuted.</remarks>
internal sealed class LlamaFamily : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["LlamaForCausalLM"];

    public string ModelType => "llama";

    public TransformerConfig Describe(ConfigFile config) => LlamaLayout.Describe(config);

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var (attentionBias, mlpBias) = (file.Flag("attention_bias", false), file.Flag("mlp_bias", false));
        BlockWeights Block(string prefix) => LlamaLayout.Block(reader, config, prefix,
            LlamaLayout.Attention(reader, config, prefix, attentionBias, attentionBias), LlamaLayout.Mlp(reader, config, prefix, mlpBias));
        return LlamaLayout.Weights(reader, file, config, Block, reader.Norm(config.DModel, "model.norm.weight"));
    }

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);
}
