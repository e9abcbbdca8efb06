namespace Interp;

using Interp.Extending;

/// <summary>What the families share that keep Llama's configuration keys and tensor names; each family says where it departs.</summary>
internal static class LlamaLayout
{
    public const string Head = "lm_head.weight";

    /// <summary>Sizes, rotary halves over the whole head, RMSNorm, gated MLP, grouped queries.</summary>
    /// <param name="config">The model's config.json.</param>
    /// <param name="activation">The nonlinearity of a configuration that names none.</param>
    public static TransformerConfig Describe(ConfigFile config, string activation = "silu")
    {
        var (width, heads) = (config.Int("hidden_size"), config.Int("num_attention_heads"));
        var rotary = RotarySettings.Read(config);
        return new TransformerConfig
        {
            Layers = config.Int("num_hidden_layers"),
            DModel = width,
            Heads = heads,
            KeyValueHeads = config.Int("num_key_value_heads", heads),
            DHead = config.Int("head_dim", width / Math.Max(heads, 1)),
            DMlp = config.Int("intermediate_size"),
            DVocab = config.Int("vocab_size"),
            Context = RotarySettings.Reach(config.Int("max_position_embeddings", 2048), rotary),
            Activation = ActivationNames.Read(config, "hidden_act", activation),
            GatedMlp = true,
            Norm = NormKind.Rms,
            Epsilon = config.Number("rms_norm_eps", 1e-6),
            Positions = PositionKind.Rotary,
            Rotary = rotary,
        };
    }

    /// <summary>Embedding, blocks, final norm, and a head that is the embedding where <c>tie_word_embeddings</c> says so.</summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="file">The model's config.json.</param>
    /// <param name="config">What the family made of it.</param>
    /// <param name="block">Reads one block; its argument is the prefix of the block's names.</param>
    /// <param name="finalNorm">The norm before the head.</param>
    /// <param name="tied">What an absent <c>tie_word_embeddings</c> means.</param>
    public static TransformerWeights Weights(
        WeightReader reader, ConfigFile file, TransformerConfig config, Func<string, BlockWeights> block, NormWeights? finalNorm, bool tied = false)
    {
        var embedding = reader.Read("model.embed_tokens.weight", config.DVocab, config.DModel);
        return new TransformerWeights
        {
            Embedding = embedding,
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => block($"model.layers.{layer}."))],
            FinalNorm = finalNorm,
            Unembedding = file.Flag("tie_word_embeddings", tied) ? embedding.t() : reader.Linear(config.DModel, (Head, config.DVocab)),
            UnembeddingBias = reader.ReadIfPresent("lm_head.bias", config.DVocab),
        };
    }

    /// <summary>A block of two RMSNorms, attention and a gated MLP.</summary>
    public static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix, AttentionWeights attention, MlpWeights? mlp = null) => new()
    {
        Norm1 = reader.Norm(config.DModel, prefix + "input_layernorm.weight"),
        Attention = attention,
        Norm2 = reader.Norm(config.DModel, prefix + "post_attention_layernorm.weight"),
        Mlp = mlp ?? Mlp(reader, config, prefix),
    };

    /// <summary>Separate matrices for queries, keys and values, stored [out, in].</summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="config">The model's description.</param>
    /// <param name="prefix">The prefix of the block's names.</param>
    /// <param name="inputBias">Whether queries, keys and values have biases.</param>
    /// <param name="outputBias">Whether the output has one.</param>
    /// <param name="output">The name of the output matrix.</param>
    /// <param name="norms">The gains of the norms over queries and keys, or none.</param>
    public static AttentionWeights Attention(
        WeightReader reader, TransformerConfig config, string prefix, bool inputBias, bool outputBias, string output = "o_proj",
        (NormWeights Query, NormWeights Key)? norms = null)
    {
        var (queries, keys) = ((long)config.Heads * config.DHead, (long)config.KvHeads * config.DHead);
        prefix += "self_attn.";
        (string, long)[] Parts(string kind) => [($"{prefix}q_proj.{kind}", queries), ($"{prefix}k_proj.{kind}", keys), ($"{prefix}v_proj.{kind}", keys)];
        return new AttentionWeights
        {
            Qkv = reader.Linear(config.DModel, Parts("weight")),
            QkvBias = inputBias ? reader.Vectors(Parts("bias")) : null,
            Output = reader.Linear(queries, ($"{prefix}{output}.weight", config.DModel)),
            OutputBias = outputBias ? reader.Read($"{prefix}{output}.bias", config.DModel) : null,
            QueryNorm = norms?.Query.Gain,
            KeyNorm = norms?.Key.Gain,
        };
    }

    /// <summary>Separate matrices for gate and linear branch, stored [out, in].</summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="config">The model's description.</param>
    /// <param name="prefix">The prefix of the block's names.</param>
    /// <param name="biased">Whether the matrices have biases.</param>
    public static MlpWeights Mlp(WeightReader reader, TransformerConfig config, string prefix, bool biased = false)
    {
        prefix += "mlp.";
        (string, long)[] Parts(string kind) => [($"{prefix}gate_proj.{kind}", config.DMlp), ($"{prefix}up_proj.{kind}", config.DMlp)];
        return new MlpWeights
        {
            In = reader.Linear(config.DModel, Parts("weight")),
            InBias = biased ? reader.Vectors(Parts("bias")) : null,
            Out = reader.Linear(config.DMlp, (prefix + "down_proj.weight", config.DModel)),
            OutBias = biased ? reader.Read(prefix + "down_proj.bias", config.DModel) : null,
        };
    }

    /// <summary>A file of a tied model may hold the head a second time; old versions stored the rotary frequencies.</summary>
    public static bool MayIgnore(string name) => name == Head || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
