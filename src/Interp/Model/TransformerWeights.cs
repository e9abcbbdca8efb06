namespace Interp;

using System.Collections.Immutable;
using TorchSharp;

/// <summary>All weights of a transformer.</summary>
public sealed class TransformerWeights : WeightGroup
{
    /// <summary>Token embedding W_E, [d_vocab, d_model].</summary>
    public required torch.Tensor Embedding { get; init; }

    /// <summary>The norm over the token embedding, or none.</summary>
    public NormWeights? EmbeddingNorm { get; init; }

    /// <summary>Positional embedding W_pos, [n_ctx, d_model]; none on rotary models.</summary>
    public torch.Tensor? Positions { get; init; }

    /// <summary>The blocks, first to last.</summary>
    public required ImmutableArray<BlockWeights> Blocks { get; init; }

    /// <summary>The norm before the unembedding; none where the model has no norm or it is folded.</summary>
    public NormWeights? FinalNorm { get; init; }

    /// <summary>Unembedding W_U, [d_model, d_vocab]; may be a view of the embedding.</summary>
    public required torch.Tensor Unembedding { get; init; }

    /// <summary>Bias of the unembedding, [d_vocab], or none.</summary>
    public torch.Tensor? UnembeddingBias { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, torch.Tensor Tensor)> Tensors() =>
        Present(("embed.W_E", Embedding), ("pos_embed.W_pos", Positions))
            .Concat(Within("embed.ln.", EmbeddingNorm))
            .Concat(Blocks.SelectMany((b, i) => Within($"blocks.{i}.", b)))
            .Concat(Within("ln_final.", FinalNorm))
            .Concat(Present(("unembed.W_U", Unembedding), ("unembed.b_U", UnembeddingBias)));

    /// <summary>The same weights with every tensor mapped.</summary>
    public TransformerWeights Map(Func<torch.Tensor, torch.Tensor> map) => new()
    {
        Embedding = map(Embedding), EmbeddingNorm = EmbeddingNorm?.Map(map), Positions = Map(Positions, map), Blocks = [.. Blocks.Select(b => b.Map(map))],
        FinalNorm = FinalNorm?.Map(map), Unembedding = map(Unembedding), UnembeddingBias = Map(UnembeddingBias, map),
    };

    /// <summary>Second handles to the same storage, for a model that shares these weights.</summary>
    public TransformerWeights Share() => Map(t => t.alias().DetachFromDisposeScope());
}
