namespace Interp;

using Interp.Extending;
using static TorchSharp.torch;

/// <summary>Reads weights in TransformerLens's own layout, raw or processed.</summary>
/// <remarks>Biases may be absent, which means zero; with grouped queries the key and value parameters begin with an underscore.</remarks>
internal static class TransformerLensReader
{
    public static TransformerWeights Read(WeightReader reader, TransformerConfig config)
    {
        // TransformerLens gives ALiBi models a positional embedding that nothing reads.
        if (config.Positions == PositionKind.Alibi)
            reader.ReadIfPresent("pos_embed.W_pos", config.Context, config.DModel);
        return Weights(reader, config);
    }

    private static TransformerWeights Weights(WeightReader reader, TransformerConfig config) => new()
    {
        Embedding = reader.Read("embed.W_E", config.DVocab, config.DModel),
        EmbeddingNorm = config.EmbeddingNorm ? reader.Norm(config.DModel, "embed.ln.w", "embed.ln.b") : null,
        Positions = config.Positions is PositionKind.Learned or PositionKind.Shortformer
            ? reader.Read("pos_embed.W_pos", config.Context, config.DModel)
            : null,
        Blocks = [.. Enumerable.Range(0, config.Layers).Select(layer => Block(reader, config, $"blocks.{layer}."))],
        FinalNorm = config.SumNorms ? null : Norm(reader, config, "ln_final.", config.DModel),
        Unembedding = reader.Read("unembed.W_U", config.DModel, config.VocabOut),
        UnembeddingBias = reader.ReadIfPresent("unembed.b_U", config.VocabOut),
    };

    // Buffers: the causal mask, its fill value, the rotary tables.
    public static bool MayIgnore(string name) =>
        name.EndsWith(".attn.mask", StringComparison.Ordinal) || name.EndsWith(".attn.IGNORE", StringComparison.Ordinal)
        || name.EndsWith(".attn.rotary_sin", StringComparison.Ordinal) || name.EndsWith(".attn.rotary_cos", StringComparison.Ordinal);

    private static BlockWeights Block(WeightReader reader, TransformerConfig config, string prefix) => new()
    {
        Norm1 = config.PreNorms ? Norm(reader, config, prefix + "ln1.", config.DModel) : null,
        Attention = Attention(reader, config, prefix + "attn."),
        PostNorm1 = config.PostNorms ? PostNorm(reader, config, prefix + "ln1_post.") : null,
        Norm2 = config.AttentionOnly || !config.PreNorms ? null : Norm(reader, config, prefix + "ln2.", config.DModel),
        Mlp = config.AttentionOnly || config.Experts > 0 ? null : Mlp(reader, config, prefix + "mlp."),
        Experts = config.Experts > 0 ? Experts(reader, config, prefix + "mlp.") : null,
        PostNorm2 = config.PostNorms && !config.AttentionOnly ? PostNorm(reader, config, prefix + "ln2_post.") : null,
    };

    private static AttentionWeights Attention(WeightReader reader, TransformerConfig config, string prefix)
    {
        using var scope = NewDisposeScope();
        var (heads, groups, d, width) = ((long)config.Heads, (long)config.KvHeads, (long)config.DModel, (long)config.DHead);
        string Grouped(string name) => reader.Contains(prefix + "_" + name) ? prefix + "_" + name : prefix + name;
        long[] Gain(long count) => config.QueryKeyNormKind == QueryKeyNormKind.Head ? [width] : [count, width];
        var weights = AttentionWeights.FromHeads(
            wq: reader.Read(prefix + "W_Q", heads, d, width),
            wk: reader.Read(Grouped("W_K"), groups, d, width),
            wv: reader.Read(Grouped("W_V"), groups, d, width),
            wo: reader.Read(prefix + "W_O", heads, width, d),
            bq: reader.ReadIfPresent(prefix + "b_Q", heads, width),
            bk: reader.ReadIfPresent(Grouped("b_K"), groups, width),
            bv: reader.ReadIfPresent(Grouped("b_V"), groups, width),
            bo: reader.ReadIfPresent(prefix + "b_O", d),
            queryNorm: config.QueryKeyNorm ? reader.Read(prefix + "q_norm.w", Gain(heads)) : null,
            keyNorm: config.QueryKeyNorm ? reader.Read(prefix + "k_norm.w", Gain(groups)) : null);
        return weights.Map(tensor => tensor.MoveToOuterDisposeScope());
    }

    private static MlpWeights Mlp(WeightReader reader, TransformerConfig config, string prefix)
    {
        var inBias = reader.ReadIfPresent(prefix + "b_in", config.DMlp);
        return new MlpWeights
        {
            In = config.GatedMlp ? Gated(reader, config, prefix) : reader.Read(prefix + "W_in", config.DModel, config.DMlp),
            InBias = config.GatedMlp ? null : inBias,
            // On gated MLPs TransformerLens adds b_in to the product of the branches.
            PostBias = config.GatedMlp ? inBias : null,
            Out = reader.Read(prefix + "W_out", config.DMlp, config.DModel),
            OutBias = reader.ReadIfPresent(prefix + "b_out", config.DModel),
            InnerNorm = config.Activation == Activation.SoluLayerNorm ? Norm(reader, config, prefix + "ln.", config.DMlp) : null,
        };
    }

    // Here TransformerLens keeps its matrices as linear layers, [out, in].
    private static ExpertWeights Experts(WeightReader reader, TransformerConfig config, string prefix) => new()
    {
        Router = reader.Linear(config.DModel, (prefix + "W_gate.weight", config.Experts)),
        Experts = [.. Enumerable.Range(0, config.Experts).Select(e => $"{prefix}experts.{e}.").Select(expert => new MlpWeights
        {
            In = reader.Linear(config.DModel, (expert + "W_gate.weight", config.DMlp), (expert + "W_in.weight", config.DMlp)),
            Out = reader.Linear(config.DMlp, (expert + "W_out.weight", config.DModel)),
        })],
    };

    private static Tensor Gated(WeightReader reader, TransformerConfig config, string prefix)
    {
        using var scope = NewDisposeScope();
        var gate = reader.Read(prefix + "W_gate", config.DModel, config.DMlp);
        var linear = reader.Read(prefix + "W_in", config.DModel, config.DMlp);
        return cat([gate, linear], 1).MoveToOuterDisposeScope(); // [d_model, 2 d_mlp]
    }

    private static NormWeights? Norm(WeightReader reader, TransformerConfig config, string prefix, long width) => config.Norm switch
    {
        NormKind.LayerNorm => reader.Norm(width, prefix + "w", prefix + "b"),
        NormKind.Rms => reader.Norm(width, prefix + "w"),
        _ => null,
    };

    // A post-norm is never folded: it keeps its gain in processed weights too.
    private static NormWeights PostNorm(WeightReader reader, TransformerConfig config, string prefix) =>
        config.Norm is NormKind.Rms or NormKind.RmsPre
            ? reader.Norm(config.DModel, prefix + "w")
            : reader.Norm(config.DModel, prefix + "w", prefix + "b");
}
