namespace Interp;

using System.Collections.Immutable;
using Interp.Extending;

/// <summary>GPT-Neo: GPT-2 with separate matrices stored [out, in], unscaled scores, and a window in every other layer.</summary>
/// <remarks>Source: Hugging Face's GPTNeoForCausalLM.</remarks>
internal sealed class GptNeoFamily : IModelFamily
{
    private const string Prefix = "transformer.";
    private const string Head = "lm_head.weight";

    public IReadOnlyList<string> Architectures { get; } = ["GPTNeoForCausalLM"];

    public string ModelType => "gpt_neo";

    public TransformerConfig Describe(ConfigFile config)
    {
        var (width, heads) = (config.Int("hidden_size"), config.Int("num_heads"));
        return new TransformerConfig
        {
            Layers = config.Int("num_layers"),
            DModel = width,
            Heads = heads,
            DHead = width / Math.Max(heads, 1),
            DMlp = config.Int("intermediate_size", 4 * width),
            DVocab = config.Int("vocab_size"),
            Context = config.Int("max_position_embeddings", 2048),
            Activation = ActivationNames.Read(config, "activation_function", "gelu_new"),
            Norm = NormKind.LayerNorm,
            Epsilon = config.Number("layer_norm_epsilon", 1e-5),
            Positions = PositionKind.Learned,
            AttentionScale = 1,
            Windows = Windows(config),
        };
    }

    public TransformerWeights Read(WeightReader reader, ConfigFile file, TransformerConfig config)
    {
        var embedding = reader.Read(Prefix + "wte.weight", config.DVocab, config.DModel);
        return new TransformerWeights
        {
            Embedding = embedding,
            Positions = reader.Read(Prefix + "wpe.weight", config.Context, config.DModel),
            Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, config, $"{Prefix}h.{layer}."))],
            FinalNorm = reader.Norm(config.DModel, Prefix + "ln_f.weight", Prefix + "ln_f.bias"),
            Unembedding = file.Flag("tie_word_embeddings", true) ? embedding.t() : reader.Linear(config.DModel, (Head, config.DVocab)),
        };
    }

    // A tied head; the causal mask and its fill value.
    public bool MayIgnore(string name) =>
        name == Head || name.EndsWith(".attention.bias", StringComparison.Ordinal) || name.EndsWith(".attention.masked_bias", StringComparison.Ordinal);

    private static ImmutableArray<int> Windows(ConfigFile config)
    {
        var (window, layers) = (config.Int("window_size", 256), config.Int("num_layers"));
        var types = config.Texts("attention_layers");
        if (types.Count == 0)
            types = config.Repeated("attention_types");
        if (types.Count != layers)
            throw config.Error($"'attention_layers' or 'attention_types' gives {types.Count} kinds of attention for {layers} layers");
        return [.. types.Select(type => type switch
        {
            "local" => window,
            "global" => 0,
            var other => throw config.Error($"attention '{other}' is not known; known are global, local"),
        })];
    }

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix)
    {
        var (d, hidden) = (config.DModel, config.DMlp);
        var attention = prefix + "attn.attention.";
        return new BlockWeights
        {
            Norm1 = reader.Norm(d, prefix + "ln_1.weight", prefix + "ln_1.bias"),
            Attention = new AttentionWeights
            {
                Qkv = reader.Linear(d, (attention + "q_proj.weight", d), (attention + "k_proj.weight", d), (attention + "v_proj.weight", d)),
                Output = reader.Linear(d, (attention + "out_proj.weight", d)),
                OutputBias = reader.Read(attention + "out_proj.bias", d),
            },
            Norm2 = reader.Norm(d, prefix + "ln_2.weight", prefix + "ln_2.bias"),
            Mlp = new MlpWeights
            {
                In = reader.Linear(d, (prefix + "mlp.c_fc.weight", hidden)),
                InBias = reader.Read(prefix + "mlp.c_fc.bias", hidden),
                Out = reader.Linear(hidden, (prefix + "mlp.c_proj.weight", d)),
                OutBias = reader.Read(prefix + "mlp.c_proj.bias", d),
            },
        };
    }
}
