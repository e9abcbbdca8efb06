namespace Interp;

using Interp.Extending;

/// <summary>BLOOM: ALiBi in place of positions, a norm over the token embedding; queries, keys and values interleaved by head.</summary>
/// <remarks>
/// Source: Hugging Face's BloomForCausalLM. Its files exist with and without <c>transformer.</c> before the names, its configurations with
/// <c>n_embed</c> and <c>num_attention_heads</c> or <c>hidden_size</c> and <c>n_head</c>. ALiBi sets no longest text; 2,048 is what it was trained on.
/// </remarks>
internal sealed class BloomFamily : IModelFamily
{
    private const string Prefix = "transformer.";

    public IReadOnlyList<string> Architectures { get; } = ["BloomForCausalLM", "BloomModel"];

    public string ModelType => "bloom";

    public TransformerConfig Describe(ConfigFile config)
    {
        if (config.Flag("apply_residual_connection_post_layernorm", false))
            throw config.Error("'apply_residual_connection_post_layernorm' is true, and a residual stream that begins behind the norm is not supported");
        var width = config.Has("n_embed") ? config.Int("n_embed") : config.Int("hidden_size");
        var heads = config.Has("num_attention_heads") ? config.Int("num_attention_heads") : config.Int("n_head");
        return new TransformerConfig
        {
            Layers = config.Has("num_hidden_layers") ? config.Int("num_hidden_layers") : config.Int("n_layer"),
            DModel = width,
            Heads = heads,
            DHead = width / Math.Max(heads, 1),
            DMlp = 4 * width,
            DVocab = config.Int("vocab_size"),
            Context = config.Int("seq_length", 2048),
            Activation = Activation.GeluTanh,
            Norm = NormKind.LayerNorm,
            Epsilon = config.Number("layer_norm_epsilon", 1e-5),
            Positions = PositionKind.Alibi,
            EmbeddingNorm = true,
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var prefix = reader.Contains(Prefix + "word_embeddings.weight") ? Prefix : "";
        var embedding = reader.Read(prefix + "word_embeddings.weight", config.DVocab, config.DModel);
        NormWeights Norm(string name) => reader.Norm(config.DModel, $"{prefix}{name}.weight", $"{prefix}{name}.bias");
        return new TransformerWeights
        {
            Embedding = embedding,
            EmbeddingNorm = Norm("word_embeddings_layernorm"),
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, config, $"{prefix}h.{layer}."))],
            FinalNorm = Norm("ln_f"),
            Unembedding = file.Flag("tie_word_embeddings", true) ? embedding.t() : reader.Linear(config.DModel, (LlamaLayout.Head, config.DVocab)),
        };
    }

    public bool MayIgnore(string name) => name == LlamaLayout.Head;

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix)
    {
        var (d, hidden) = (config.DModel, config.DMlp);
        NormWeights Norm(string name) => reader.Norm(d, $"{prefix}{name}.weight", $"{prefix}{name}.bias");
        return new BlockWeights
        {
            Norm1 = Norm("input_layernorm"),
            Attention = new AttentionWeights
            {
                Qkv = reader.ByHead(config, prefix + "self_attention.query_key_value.weight"),
                QkvBias = reader.BiasByHead(config, prefix + "self_attention.query_key_value.bias"),
                Output = reader.Linear(d, (prefix + "self_attention.dense.weight", d)),
                OutputBias = reader.Read(prefix + "self_attention.dense.bias", d),
            },
            Norm2 = Norm("post_attention_layernorm"),
            Mlp = new MlpWeights
            {
                In = reader.Linear(d, (prefix + "mlp.dense_h_to_4h.weight", hidden)),
                InBias = reader.Read(prefix + "mlp.dense_h_to_4h.bias", hidden),
                Out = reader.Linear(hidden, (prefix + "mlp.dense_4h_to_h.weight", d)),
                OutBias = reader.Read(prefix + "mlp.dense_4h_to_h.bias", d),
            },
        };
    }
}
