namespace Interp;

using Interp.Extending;

/// <summary>Llama 1 to 3.3: rotary halves, RMSNorm, gated MLP, grouped queries; matrices stored [out, in].</summary>
/// <remarks>Source: Hugging Face's LlamaForCausalLM. Rows of q and k stand as Hugging Face's half-rotation wants them and are not permuted.</remarks>
internal sealed class LlamaFamily : IModelFamily
{
    private const string Head = "lm_head.weight";

    public IReadOnlyList<string> Architectures { get; } = ["LlamaForCausalLM"];

    public string ModelType => "llama";

    public TransformerConfig Describe(ConfigFile config)
    {
        var (width, heads) = (config.Int("hidden_size"), config.Int("num_attention_heads"));
        return new TransformerConfig
        {
            Layers = config.Int("num_hidden_layers"),
            DModel = width,
            Heads = heads,
            KeyValueHeads = config.Int("num_key_value_heads", heads),
            DHead = config.Int("head_dim", width / Math.Max(heads, 1)),
            DMlp = config.Int("intermediate_size"),
            DVocab = config.Int("vocab_size"),
            Context = config.Int("max_position_embeddings", 2048),
            Activation = ActivationNames.Read(config, "hidden_act", "silu"),
            GatedMlp = true,
            Norm = NormKind.Rms,
            Epsilon = config.Number("rms_norm_eps", 1e-6),
            Positions = PositionKind.Rotary,
            Rotary = RotarySettings.Read(config),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var embedding = reader.Read("model.embed_tokens.weight", config.DVocab, config.DModel);
        return new TransformerWeights
        {
            Embedding = embedding,
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, file, config, $"model.layers.{layer}."))],
            FinalNorm = reader.Norm(config.DModel, "model.norm.weight"),
            Unembedding = file.Flag("tie_word_embeddings", false) ? embedding.t() : reader.Linear(config.DModel, (Head, config.DVocab)),
        };
    }

    // A file of a tied model may hold the head a second time; old versions stored the rotary frequencies.
    public bool MayIgnore(string name) => name == Head || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    private static BlockWeights Block(WeightReader reader, ConfigFile file, TransformerConfig config, string prefix) => new()
    {
        Norm1 = reader.Norm(config.DModel, prefix + "input_layernorm.weight"),
        Attention = Attention(reader, config, prefix + "self_attn.", file.Flag("attention_bias", false)),
        Norm2 = reader.Norm(config.DModel, prefix + "post_attention_layernorm.weight"),
        Mlp = Mlp(reader, config, prefix + "mlp.", file.Flag("mlp_bias", false)),
    };

    private static AttentionWeights Attention(WeightReader reader, TransformerConfig config, string prefix, bool biased)
    {
        var (queries, keys) = ((long)config.Heads * config.DHead, (long)config.KvHeads * config.DHead);
        (string, long)[] Parts(string kind) => [($"{prefix}q_proj.{kind}", queries), ($"{prefix}k_proj.{kind}", keys), ($"{prefix}v_proj.{kind}", keys)];
        return new AttentionWeights
        {
            Qkv = reader.Linear(config.DModel, Parts("weight")),
            QkvBias = biased ? reader.Vectors(Parts("bias")) : null,
            Output = reader.Linear(queries, (prefix + "o_proj.weight", config.DModel)),
            OutputBias = biased ? reader.Read(prefix + "o_proj.bias", config.DModel) : null,
        };
    }

    private static MlpWeights Mlp(WeightReader reader, TransformerConfig config, string prefix, bool biased)
    {
        (string, long)[] Parts(string kind) => [($"{prefix}gate_proj.{kind}", config.DMlp), ($"{prefix}up_proj.{kind}", config.DMlp)];
        return new MlpWeights
        {
            In = reader.Linear(config.DModel, Parts("weight")),
            InBias = biased ? reader.Vectors(Parts("bias")) : null,
            Out = reader.Linear(config.DMlp, (prefix + "down_proj.weight", config.DModel)),
            OutBias = biased ? reader.Read(prefix + "down_proj.bias", config.DModel) : null,
        };
    }
}
