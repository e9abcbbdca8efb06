namespace Interp;

/// <summary>Checks that weights have the shapes their model's description says.</summary>
internal static class WeightShapes
{
    /// <exception cref="ArgumentException">A weight is missing, superfluous or of another shape.</exception>
    public static void Check(TransformerConfig config, TransformerWeights weights)
    {
        var (d, m, head) = (config.DModel, config.DMlp, config.DHead);
        if (weights.Blocks.Length != config.Layers)
            throw new ArgumentException($"There are weights for {weights.Blocks.Length} blocks, the description says {config.Layers}.", nameof(weights));
        Shape.Check(weights.Embedding, $"{config.DVocab} {d}", "embed.W_E");
        Shape.Check(weights.Unembedding, $"{d} {config.VocabOut}", "unembed.W_U");
        if (weights.Positions is not null)
            Shape.Check(weights.Positions, $"{config.Context} {d}", "pos_embed.W_pos");
        if (config.Positions is PositionKind.Learned or PositionKind.Shortformer && weights.Positions is null)
            throw new ArgumentException($"Positions are {config.Positions} but there is no positional embedding [{config.Context}, {d}].", nameof(weights));
        var columns = (config.Heads + 2 * config.KvHeads) * head;
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = weights.Blocks[layer];
            Shape.Check(block.Attention.Qkv, $"{d} {columns}", $"blocks.{layer}.attn.W_QKV");
            Shape.Check(block.Attention.Output, $"{config.Heads * head} {d}", $"blocks.{layer}.attn.W_O");
            if (config.Experts != (block.Experts?.Experts.Length ?? 0))
                throw new ArgumentException($"There are {config.Experts} experts in the description and {block.Experts?.Experts.Length ?? 0} in block {layer}.", nameof(weights));
            if (block.Experts is { } mixture)
                CheckExperts(config, mixture, $"blocks.{layer}.mlp.");
            else if (block.Mlp is null != config.AttentionOnly)
                throw new ArgumentException($"DMlp is {m} but block {layer} has {(block.Mlp is null ? "no MLP" : "an MLP")}.", nameof(weights));
            if (block.Mlp is null)
                continue;
            CheckMlp(config, block.Mlp, $"blocks.{layer}.mlp.");
        }
    }

    private static void CheckMlp(TransformerConfig config, MlpWeights mlp, string prefix)
    {
        Shape.Check(mlp.In, $"{config.DModel} {(config.GatedMlp ? 2 * config.DMlp : config.DMlp)}", prefix + "W_in");
        Shape.Check(mlp.Out, $"{config.DMlp} {config.DModel}", prefix + "W_out");
    }

    private static void CheckExperts(TransformerConfig config, ExpertWeights mixture, string prefix)
    {
        Shape.Check(mixture.Router, $"{config.DModel} {config.Experts}", prefix + "W_router");
        for (var expert = 0; expert < config.Experts; expert++)
            CheckMlp(config, mixture.Experts[expert], $"{prefix}experts.{expert}.");
    }
}
