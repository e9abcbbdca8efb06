namespace Interp.Tests.Model.Patching.Subspaces;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Hand-made models whose residual stream is the embedding: attention writes nothing, there is no norm.</summary>
internal static class LinearModels
{
    /// <summary>Logits are the embedding times the unembedding, whatever comes before.</summary>
    public static HookedTransformer Of(double[,] embedding, double[,] unembedding, int context = 2)
    {
        var width = embedding.GetLength(1);
        var config = new TransformerConfig
        {
            ModelName = "linear", Layers = 2, DModel = width, Heads = 1, DHead = 1, DMlp = 0, DVocab = embedding.GetLength(0),
            DVocabOut = unembedding.GetLength(1), Context = context, Norm = NormKind.None, Positions = PositionKind.None, Activation = Activation.Relu,
        };
        BlockWeights Silent() => new()
        {
            Attention = new AttentionWeights
            {
                Qkv = zeros(width, 3, dtype: ScalarType.Float64), QkvBias = zeros(3, dtype: ScalarType.Float64),
                Output = zeros(1, width, dtype: ScalarType.Float64), OutputBias = zeros(width, dtype: ScalarType.Float64),
            },
        };
        return HookedTransformer.Create(config, new TransformerWeights
        {
            Embedding = Matrix(embedding), Blocks = [Silent(), Silent()], Unembedding = Matrix(unembedding),
            UnembeddingBias = zeros(unembedding.GetLength(1), dtype: ScalarType.Float64),
        });
    }

    private static Tensor Matrix(double[,] values) => tensor(values.Cast<double>().ToArray(), [values.GetLength(0), values.GetLength(1)]);
}
