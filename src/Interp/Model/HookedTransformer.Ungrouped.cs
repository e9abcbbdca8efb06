namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Grouped queries taken apart.</content>
public sealed partial class HookedTransformer
{
    /// <summary>A second model that computes the same with a key and a value head for each query head: copies of its group's.</summary>
    /// <remarks>Its graph has keys and values per query head, as TransformerLens's <c>ungroup_grouped_query_attention</c>; its weights are its own.</remarks>
    public HookedTransformer Ungrouped()
    {
        using var noGradient = no_grad();
        var copy = Weights.Map(t => t.clone().DetachFromDisposeScope());
        if (Config.KvHeads == Config.Heads)
            return new HookedTransformer(Config, copy, Tokenizer, Changes, Splices);
        var weights = new TransformerWeights
        {
            Embedding = copy.Embedding, EmbeddingNorm = copy.EmbeddingNorm, Positions = copy.Positions, FinalNorm = copy.FinalNorm,
            Unembedding = copy.Unembedding, UnembeddingBias = copy.UnembeddingBias, Blocks = [.. copy.Blocks.Select(Ungrouped)],
        };
        return new HookedTransformer(Config with { KeyValueHeads = Config.Heads }, weights, Tokenizer, Changes, Splices);
    }

    private BlockWeights Ungrouped(BlockWeights block) => new()
    {
        Norm1 = block.Norm1, PostNorm1 = block.PostNorm1, Norm2 = block.Norm2, Mlp = block.Mlp, Experts = block.Experts, PostNorm2 = block.PostNorm2,
        Attention = new AttentionWeights
        {
            Qkv = Ungrouped(block.Attention.Qkv), QkvBias = block.Attention.QkvBias is { } bias ? Ungrouped(bias) : null,
            Output = block.Attention.Output, OutputBias = block.Attention.OutputBias, QueryNorm = block.Attention.QueryNorm,
            KeyNorm = block.Attention.KeyNorm is { } gain && gain.dim() == 2 ? UngroupedGain(gain) : block.Attention.KeyNorm,
        },
    };

    // Takes the tensor over; its last axis runs over queries, keys, values.
    private Tensor Ungrouped(Tensor fused)
    {
        using var scope = NewDisposeScope();
        var (own, shared) = (Config.Heads * Config.DHead, Config.KvHeads * Config.DHead);
        Tensor Copies(long start) => Repeated(fused.narrow(-1, start, shared).unflatten(-1, [Config.KvHeads, Config.DHead]), -2).flatten(-2);
        var whole = cat([fused.narrow(-1, 0, own), Copies(own), Copies(own + shared)], -1).DetachFromDisposeScope();
        fused.Dispose();
        return whole;
    }

    private Tensor UngroupedGain(Tensor gain)
    {
        using (gain)
            return Repeated(gain, 0).DetachFromDisposeScope();
    }

    private Tensor Repeated(Tensor heads, long axis) => heads.repeat_interleave(Config.Heads / Config.KvHeads, axis);
}
