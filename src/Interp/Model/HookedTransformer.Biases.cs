namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Biases where the checkpoint has none.</content>
public sealed partial class HookedTransformer
{
    /// <summary>A second model that shares these weights, with a zero output bias at every attention and MLP that has none: something to fold a vector into.</summary>
    public HookedTransformer WithOutputBiases()
    {
        using var noGradient = no_grad();
        var shared = Weights.Share();
        var weights = new TransformerWeights
        {
            Embedding = shared.Embedding, EmbeddingNorm = shared.EmbeddingNorm, Positions = shared.Positions,
            Blocks = [.. shared.Blocks.Select(Biased)], FinalNorm = shared.FinalNorm, Unembedding = shared.Unembedding, UnembeddingBias = shared.UnembeddingBias,
        };
        return new HookedTransformer(Config, weights, Tokenizer, Changes, Splices);
    }

    private BlockWeights Biased(BlockWeights block) => new()
    {
        Norm1 = block.Norm1, PostNorm1 = block.PostNorm1, Norm2 = block.Norm2, PostNorm2 = block.PostNorm2, Experts = block.Experts,
        Attention = new AttentionWeights
        {
            Qkv = block.Attention.Qkv, QkvBias = block.Attention.QkvBias, Output = block.Attention.Output,
            OutputBias = block.Attention.OutputBias ?? NoBias(), QueryNorm = block.Attention.QueryNorm, KeyNorm = block.Attention.KeyNorm,
        },
        Mlp = block.Mlp is not { } mlp ? null : new MlpWeights
        {
            In = mlp.In, InBias = mlp.InBias, PostBias = mlp.PostBias, Out = mlp.Out, OutBias = mlp.OutBias ?? NoBias(), InnerNorm = mlp.InnerNorm,
        },
    };

    private Tensor NoBias() => zeros([Config.DModel], dtype: Dtype, device: Device).DetachFromDisposeScope();
}
