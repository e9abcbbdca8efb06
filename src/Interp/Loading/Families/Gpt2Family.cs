namespace Interp;

using Interp.Extending;

/// <summary>GPT-2: learned positions, LayerNorm, matrices stored [in, out]; the head is tied to the embedding unless the configuration says otherwise.</summary>
/// <remarks>Source: Hugging Face's GPT2LMHeadModel. Its files exist with and without <c>transformer.</c> before the names.</remarks>
internal sealed class Gpt2Family : IModelFamily
{
    private const string Prefix = "transformer.";
    private const string Head = "lm_head.weight";

    public IReadOnlyList<string> Architectures { get; } = ["GPT2LMHeadModel", "GPT2Model"];

    public string ModelType => "gpt2";

    public TransformerConfig Describe(ConfigFile config)
    {
        var (width, heads) = (config.Int("n_embd"), config.Int("n_head"));
        if (heads < 1 || width % heads != 0)
            throw config.Error($"'n_embd' is {width}, which {heads} heads ('n_head') cannot share evenly");
        if (config.Flag("scale_attn_by_inverse_layer_idx", false))
            throw config.Error("'scale_attn_by_inverse_layer_idx' is true, and a scale per layer is not supported");
        return new TransformerConfig
        {
            Layers = config.Int("n_layer"),
            DModel = width,
            Heads = heads,
            DHead = width / heads,
            DMlp = config.Int("n_inner", 4 * width),
            DVocab = config.Int("vocab_size"),
            Context = config.Has("n_positions") ? config.Int("n_positions") : config.Int("n_ctx"),
            Activation = ActivationNames.Read(config, "activation_function", "gelu_new"),
            Norm = NormKind.LayerNorm,
            Epsilon = config.Number("layer_norm_epsilon", 1e-5),
            Positions = PositionKind.Learned,
            AttentionScale = config.Flag("scale_attn_weights", true) ? 0 : 1,
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var prefix = reader.Contains(Prefix + "wte.weight") ? Prefix : "";
        var embedding = reader.Read(prefix + "wte.weight", config.DVocab, config.DModel);
        return new TransformerWeights
        {
            Embedding = embedding,
            Positions = reader.Read(prefix + "wpe.weight", config.Context, config.DModel),
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, config, $"{prefix}h.{layer}."))],
            FinalNorm = reader.Norm(config.DModel, prefix + "ln_f.weight", prefix + "ln_f.bias"),
            Unembedding = file.Flag("tie_word_embeddings", true) ? embedding.t() : reader.Linear(config.DModel, (Head, config.DVocab)),
        };
    }

    // A file of a tied model may hold the head a second time; buffers are the causal mask of old versions.
    public bool MayIgnore(string name) =>
        name == Head || name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix)
    {
        var (d, hidden) = (config.DModel, config.DMlp);
        return new BlockWeights
        {
            Norm1 = reader.Norm(d, prefix + "ln_1.weight", prefix + "ln_1.bias"),
            Attention = new AttentionWeights
            {
                Qkv = reader.Read(prefix + "attn.c_attn.weight", d, 3 * d),
                QkvBias = reader.Read(prefix + "attn.c_attn.bias", 3 * d),
                Output = reader.Read(prefix + "attn.c_proj.weight", d, d),
                OutputBias = reader.Read(prefix + "attn.c_proj.bias", d),
            },
            Norm2 = reader.Norm(d, prefix + "ln_2.weight", prefix + "ln_2.bias"),
            Mlp = new MlpWeights
            {
                In = reader.Read(prefix + "mlp.c_fc.weight", d, hidden),
                InBias = reader.Read(prefix + "mlp.c_fc.bias", hidden),
                Out = reader.Read(prefix + "mlp.c_proj.weight", hidden, d),
                OutBias = reader.Read(prefix + "mlp.c_proj.bias", d),
            },
        };
    }
}
