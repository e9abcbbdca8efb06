namespace Interp;

using Interp.Extending;

/// <summary>GPT-J: attention and MLP read the same stream through one norm, adjacent pairs of part of each head are rotated, a bias on the head.</summary>
/// <remarks>Source: Hugging Face's GPTJForCausalLM. The one norm of a block is both its norms here; each has hook points of its own.</remarks>
internal sealed class GptJFamily : IModelFamily
{
    private const string Prefix = "transformer.";

    public IReadOnlyList<string> Architectures { get; } = ["GPTJForCausalLM"];

    public string ModelType => "gptj";

    public TransformerConfig Describe(ConfigFile config)
    {
        var (width, heads) = (config.Int("n_embd"), config.Int("n_head"));
        return new TransformerConfig
        {
            Layers = config.Int("n_layer"),
            DModel = width,
            Heads = heads,
            DHead = width / Math.Max(heads, 1),
            DMlp = config.Int("n_inner", 4 * width),
            DVocab = config.Int("vocab_size"),
            Context = config.Int("n_positions", 2048),
            Activation = ActivationNames.Read(config, "activation_function", "gelu_new"),
            Norm = NormKind.LayerNorm,
            Epsilon = config.Number("layer_norm_epsilon", 1e-5),
            Positions = PositionKind.Rotary,
            Rotary = new RotaryConfig { Dimensions = config.Int("rotary_dim", 64), AdjacentPairs = true },
            ParallelBlocks = true,
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var embedding = reader.Read(Prefix + "wte.weight", config.DVocab, config.DModel);
        return new TransformerWeights
        {
            Embedding = embedding,
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, config, $"{Prefix}h.{layer}."))],
            FinalNorm = reader.Norm(config.DModel, Prefix + "ln_f.weight", Prefix + "ln_f.bias"),
            Unembedding = file.Flag("tie_word_embeddings", false) ? embedding.t() : reader.Linear(config.DModel, ("lm_head.weight", config.DVocab)),
            UnembeddingBias = reader.Read("lm_head.bias", config.DVocab),
        };
    }

    // A tied head; the causal mask and its fill value.
    public bool MayIgnore(string name) =>
        name == "lm_head.weight" || name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix)
    {
        var (d, hidden) = (config.DModel, config.DMlp);
        var attention = prefix + "attn.";
        NormWeights Norm() => reader.Norm(d, prefix + "ln_1.weight", prefix + "ln_1.bias");
        return new BlockWeights
        {
            Norm1 = Norm(),
            Attention = new AttentionWeights
            {
                Qkv = reader.Linear(d, (attention + "q_proj.weight", d), (attention + "k_proj.weight", d), (attention + "v_proj.weight", d)),
                Output = reader.Linear(d, (attention + "out_proj.weight", d)),
            },
            Norm2 = Norm(),
            Mlp = new MlpWeights
            {
                In = reader.Linear(d, (prefix + "mlp.fc_in.weight", hidden)),
                InBias = reader.Read(prefix + "mlp.fc_in.bias", hidden),
                Out = reader.Linear(hidden, (prefix + "mlp.fc_out.weight", d)),
                OutBias = reader.Read(prefix + "mlp.fc_out.bias", d),
            },
        };
    }
}
