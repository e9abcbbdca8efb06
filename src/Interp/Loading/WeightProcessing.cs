namespace Interp;

/// <summary>Which rewritings of the weights are done; each leaves the model's log-probabilities unchanged.</summary>
/// <remarks>Source: TransformerLens's <c>process_weights</c>, whose order is kept: the members' order here.</remarks>
public sealed record WeightProcessing
{
    /// <summary>The weights as they were trained.</summary>
    public static WeightProcessing None { get; } = new();

    /// <summary>What TransformerLens does by default: all but <see cref="RefactorFactoredAttention"/>.</summary>
    public static WeightProcessing TransformerLens { get; } = new()
    {
        FoldLayerNorm = true,
        CenterWritingWeights = true,
        CenterUnembed = true,
        FoldValueBiases = true,
    };

    /// <summary>
    /// Puts the norms' gains and biases into the matrices that read them, and centres those that read a LayerNorm. Without effect on models
    /// with shortformer positions or without norms.
    /// </summary>
    public bool FoldLayerNorm { get; init; }

    /// <summary>Takes from all that writes to the residual stream its mean over d_model. Without effect unless every reader is a LayerNorm.</summary>
    public bool CenterWritingWeights { get; init; }

    /// <summary>Takes from the unembedding its mean over the vocabulary: logits move by a constant per position. Without effect with a soft cap on the logits.</summary>
    public bool CenterUnembed { get; init; }

    /// <summary>Moves value biases, which every pattern that sums to one passes on unchanged, into the output bias.</summary>
    public bool FoldValueBiases { get; init; }

    /// <summary>Rewrites W_Q W_Kᵀ and W_V W_O by their singular value decomposition; the matrices' own choice of basis inside a head is lost.</summary>
    public bool RefactorFactoredAttention { get; init; }
}
