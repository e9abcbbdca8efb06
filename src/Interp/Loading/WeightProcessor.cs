namespace Interp;

using static TorchSharp.torch;

/// <summary>Rewrites weights so that they are easier to read and the log-probabilities stay.</summary>
/// <remarks>
/// 1. Fold the norms into their readers. 2. Centre what writes to the residual stream. 3. Centre the unembedding.
/// 4. Fold value biases into the output bias. 5. Refactor the attention matrices. Steps do not mix blocks, so each block passes
/// all of them before the next, in float32 at least. Source: TransformerLens's <c>process_weights</c>.
/// </remarks>
internal static class WeightProcessor
{
    /// <summary>The processed weights, in the caller's dispose scope; what no step touches is the same storage.</summary>
    /// <exception cref="ArgumentException">A step was asked for that this model does not allow.</exception>
    public static (TransformerConfig Config, TransformerWeights Weights) Process(TransformerConfig config, TransformerWeights weights, WeightProcessing wanted)
    {
        var steps = Applicable(config, wanted);
        var processed = new TransformerWeights
        {
            Embedding = Centred(weights.Embedding, steps.CenterWritingWeights),
            EmbeddingNorm = weights.EmbeddingNorm,
            Positions = weights.Positions is null ? null : Centred(weights.Positions, steps.CenterWritingWeights && config.Positions == PositionKind.Learned),
            Blocks = [.. weights.Blocks.Select(block => Block(config, block, steps))],
            FinalNorm = steps.FoldLayerNorm ? null : weights.FinalNorm,
            Unembedding = weights.Unembedding,
            UnembeddingBias = weights.UnembeddingBias,
        };
        return (Folded(config, steps), Unembedding(config, processed, weights.FinalNorm, steps));
    }

    // Steps that would change what the model computes are left out, as TransformerLens leaves them out.
    private static WeightProcessing Applicable(TransformerConfig config, WeightProcessing wanted)
    {
        if (wanted.RefactorFactoredAttention)
            AttentionRefactoring.Check(config);
        var layerNorm = config.Norm is NormKind.LayerNorm or NormKind.LayerNormPre;
        return wanted with
        {
            FoldLayerNorm = wanted.FoldLayerNorm && config.Norm is NormKind.LayerNorm or NormKind.Rms && config.Positions != PositionKind.Shortformer
                && !config.SumNorms && config.Experts == 0,
            CenterWritingWeights = wanted.CenterWritingWeights && layerNorm && config.PreNorms && !config.PostNorms && !config.SumNorms,
            // A clipped value does not pass its bias on unchanged.
            FoldValueBiases = wanted.FoldValueBiases && config.QkvClip == 0,
            CenterUnembed = wanted.CenterUnembed && config.LogitSoftCap == 0,
        };
    }

    private static TransformerConfig Folded(TransformerConfig config, WeightProcessing steps) => !steps.FoldLayerNorm
        ? config
        : config with { Norm = config.Norm == NormKind.LayerNorm ? NormKind.LayerNormPre : NormKind.RmsPre };

    private static BlockWeights Block(TransformerConfig config, BlockWeights block, WeightProcessing steps) =>
        InWideType(block, wide =>
        {
            var (attention, mlp) = (wide.Attention, wide.Mlp);
            if (steps.FoldLayerNorm)
                (attention, mlp) = (BlockProcessing.FoldNorm(config, attention, wide.Norm1), BlockProcessing.FoldNorm(config, mlp, wide.Norm2));
            if (steps.CenterWritingWeights)
                (attention, mlp) = (BlockProcessing.CentreWriting(attention), BlockProcessing.CentreWriting(mlp));
            if (steps.FoldValueBiases || steps.RefactorFactoredAttention)
                attention = BlockProcessing.FoldValueBiases(config, attention);
            if (steps.RefactorFactoredAttention)
                attention = AttentionRefactoring.Refactor(config, attention);
            return new BlockWeights
            {
                Norm1 = steps.FoldLayerNorm ? null : wide.Norm1,
                Attention = attention,
                PostNorm1 = wide.PostNorm1,
                Norm2 = steps.FoldLayerNorm ? null : wide.Norm2,
                Mlp = mlp,
                Experts = wide.Experts,
                PostNorm2 = wide.PostNorm2,
            };
        });

    /// <summary>Rewrites a block in float32 or wider; tensors that come back as they were given keep their storage.</summary>
    private static BlockWeights InWideType(BlockWeights block, Func<BlockWeights, BlockWeights> rewrite)
    {
        using var scope = NewDisposeScope();
        var originals = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        var wide = block.Map(tensor =>
        {
            var alias = tensor.alias();
            var widened = Wide(alias);
            originals[widened] = alias;
            return widened;
        });
        var dtype = block.Attention.Qkv.dtype;
        return rewrite(wide).Map(tensor =>
            (originals.TryGetValue(tensor, out var original) ? original : Narrow(tensor, dtype)).MoveToOuterDisposeScope());
    }

    private static TransformerWeights Unembedding(TransformerConfig config, TransformerWeights weights, NormWeights? norm, WeightProcessing steps)
    {
        using var scope = NewDisposeScope();
        var dtype = weights.Unembedding.dtype;
        var unfolded = (Matrix: weights.Unembedding.alias(), Bias: weights.UnembeddingBias?.alias());
        var (matrix, bias) = unfolded;
        if (steps.FoldLayerNorm && norm is not null)
            (matrix, bias) = BlockProcessing.FoldReader(Wide(matrix), bias is null ? null : Wide(bias), norm, centre: config.Norm == NormKind.LayerNorm);
        if (steps.CenterUnembed)
            (matrix, bias) = (Wide(matrix) - Wide(matrix).mean([1], keepdim: true), bias is null ? null : Wide(bias) - Wide(bias).mean());
        return new TransformerWeights
        {
            Embedding = weights.Embedding,
            EmbeddingNorm = weights.EmbeddingNorm,
            Positions = weights.Positions,
            Blocks = weights.Blocks,
            FinalNorm = weights.FinalNorm,
            Unembedding = Narrow(matrix, dtype).MoveToOuterDisposeScope(),
            UnembeddingBias = bias is null ? null : Narrow(bias, dtype).MoveToOuterDisposeScope(),
        };
    }

    private static Tensor Centred(Tensor rows, bool wanted)
    {
        if (!wanted)
            return rows.alias();
        using var scope = NewDisposeScope();
        var wide = Wide(rows);
        return Narrow(wide - wide.mean([1], keepdim: true), rows.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor Wide(Tensor tensor) => tensor.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? tensor.to(ScalarType.Float32) : tensor;

    private static Tensor Narrow(Tensor tensor, ScalarType dtype) => tensor.dtype == dtype ? tensor : tensor.to(dtype);
}
