namespace Interp;

using TorchSharp;

/// <summary>The weights of one block.</summary>
public sealed class BlockWeights : WeightGroup
{
    /// <summary>The norm before attention, or over the sum with what attention wrote where the model has norms there; none where the model has no norm or it is folded.</summary>
    public NormWeights? Norm1 { get; init; }

    /// <summary>Attention.</summary>
    public required AttentionWeights Attention { get; init; }

    /// <summary>The norm after attention, before its output is added.</summary>
    public NormWeights? PostNorm1 { get; init; }

    /// <summary>The norm before the MLP, or over the sum with what the MLP wrote.</summary>
    public NormWeights? Norm2 { get; init; }

    /// <summary>The MLP; none on attention-only models and where there are experts.</summary>
    public MlpWeights? Mlp { get; init; }

    /// <summary>The experts that stand in the MLP's place, or none.</summary>
    public ExpertWeights? Experts { get; init; }

    /// <summary>The norm after the MLP, before its output is added.</summary>
    public NormWeights? PostNorm2 { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, torch.Tensor Tensor)> Tensors() =>
        Within("ln1.", Norm1).Concat(Within("attn.", Attention)).Concat(Within("ln1_post.", PostNorm1))
            .Concat(Within("ln2.", Norm2)).Concat(Within("mlp.", Mlp)).Concat(Within("mlp.", Experts)).Concat(Within("ln2_post.", PostNorm2));

    /// <summary>The same group with every tensor mapped.</summary>
    public BlockWeights Map(Func<torch.Tensor, torch.Tensor> map) => new()
    {
        Norm1 = Norm1?.Map(map), Attention = Attention.Map(map), PostNorm1 = PostNorm1?.Map(map),
        Norm2 = Norm2?.Map(map), Mlp = Mlp?.Map(map), Experts = Experts?.Map(map), PostNorm2 = PostNorm2?.Map(map),
    };
}
