namespace Interp;

using Interp.Extending;

/// <summary>GPT-NeoX and Pythia: attention and MLP read the same stream, part of each head is rotated; queries, keys and values interleaved by head.</summary>
/// <remarks>Source: Hugging Face's GPTNeoXForCausalLM. Rows of <c>query_key_value</c> are ordered head, then q, k or v, then d_head.</remarks>
internal sealed class NeoXFamily : IModelFamily
{
    private const string Head = "embed_out.weight";

    public IReadOnlyList<string> Architectures { get; } = ["GPTNeoXForCausalLM"];

    public string ModelType => "gpt_neox";

    public TransformerConfig Describe(ConfigFile config)
    {
        var (width, heads) = (config.Int("hidden_size"), config.Int("num_attention_heads"));
        var head = width / Math.Max(heads, 1);
        return new TransformerConfig
        {
            Layers = config.Int("num_hidden_layers"),
            DModel = width,
            Heads = heads,
            DHead = head,
            DMlp = config.Int("intermediate_size", 4 * width),
            DVocab = config.Int("vocab_size"),
            Context = config.Int("max_position_embeddings", 2048),
            Activation = ActivationNames.Read(config, "hidden_act", "gelu"),
            Norm = NormKind.LayerNorm,
            Epsilon = config.Number("layer_norm_eps", 1e-5),
            Positions = PositionKind.Rotary,
            Rotary = RotarySettings.Read(config, config.Number("rotary_emb_base", 10000)) with
            {
                Dimensions = RotarySettings.Part(config, head, "rotary_pct", 0.25),
            },
            ParallelBlocks = config.Flag("use_parallel_residual", true),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var embedding = reader.Read("gpt_neox.embed_in.weight", config.DVocab, config.DModel);
        return new TransformerWeights
        {
            Embedding = embedding,
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, file, config, $"gpt_neox.layers.{layer}."))],
            FinalNorm = reader.Norm(config.DModel, "gpt_neox.final_layer_norm.weight", "gpt_neox.final_layer_norm.bias"),
            Unembedding = file.Flag("tie_word_embeddings", false) ? embedding.t() : reader.Linear(config.DModel, (Head, config.DVocab)),
        };
    }

    // A tied head; the causal mask, its fill value and the rotary frequencies of old versions.
    public bool MayIgnore(string name) =>
        name == Head || name.EndsWith(".attention.bias", StringComparison.Ordinal) || name.EndsWith(".attention.masked_bias", StringComparison.Ordinal)
        || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    private static BlockWeights Block(WeightReader reader, ConfigFile file, TransformerConfig config, string prefix)
    {
        var (d, hidden) = (config.DModel, config.DMlp);
        var biased = file.Flag("attention_bias", true);
        return new BlockWeights
        {
            Norm1 = reader.Norm(d, prefix + "input_layernorm.weight", prefix + "input_layernorm.bias"),
            Attention = new AttentionWeights
            {
                Qkv = reader.ByHead(config, prefix + "attention.query_key_value.weight"),
                QkvBias = biased ? reader.BiasByHead(config, prefix + "attention.query_key_value.bias") : null,
                Output = reader.Linear(d, (prefix + "attention.dense.weight", d)),
                OutputBias = biased ? reader.Read(prefix + "attention.dense.bias", d) : null,
            },
            Norm2 = reader.Norm(d, prefix + "post_attention_layernorm.weight", prefix + "post_attention_layernorm.bias"),
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
