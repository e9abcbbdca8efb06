namespace Interp;

using Interp.Extending;

/// <summary>Phi-1, 1.5 and 2: attention and MLP read the same stream through one norm, part of each head is rotated, biases everywhere.</summary>
/// <remarks>Source: Hugging Face's PhiForCausalLM. The one norm of a block is both its norms here; each has hook points of its own.</remarks>
internal sealed class PhiFamily : IModelFamily
{
    public IReadOnlyList<string> Architectures { get; } = ["PhiForCausalLM"];

    public string ModelType => "phi";

    public TransformerConfig Describe(ConfigFile config)
    {
        if (config.Flag("qk_layernorm", false))
            throw config.Error("'qk_layernorm' is true, and a LayerNorm with a bias over queries and keys is not supported");
        var common = LlamaLayout.Describe(config, "gelu_new");
        return common with
        {
            GatedMlp = false,
            Norm = NormKind.LayerNorm,
            Epsilon = config.Number("layer_norm_eps", 1e-5),
            Rotary = common.Rotary with { Dimensions = RotarySettings.Part(config, common.DHead, "partial_rotary_factor", 0.5) },
            ParallelBlocks = true,
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config) => LlamaLayout.Weights(
        reader, file, config, prefix => Block(reader, config, prefix), reader.Norm(config.DModel, "model.final_layernorm.weight", "model.final_layernorm.bias"));

    public bool MayIgnore(string name) => LlamaLayout.MayIgnore(name);

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix)
    {
        NormWeights Norm() => reader.Norm(config.DModel, prefix + "input_layernorm.weight", prefix + "input_layernorm.bias");
        return new BlockWeights
        {
            Norm1 = Norm(),
            Attention = LlamaLayout.Attention(reader, config, prefix, inputBias: true, outputBias: true, output: "dense"),
            Norm2 = Norm(),
            Mlp = new MlpWeights
            {
                In = reader.Linear(config.DModel, (prefix + "mlp.fc1.weight", config.DMlp)),
                InBias = reader.Read(prefix + "mlp.fc1.bias", config.DMlp),
                Out = reader.Linear(config.DMlp, (prefix + "mlp.fc2.weight", config.DModel)),
                OutBias = reader.Read(prefix + "mlp.fc2.bias", config.DModel),
            },
        };
    }
}
