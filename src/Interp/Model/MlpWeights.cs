namespace Interp;

using TorchSharp;

/// <summary>The weights of an MLP; on gated MLPs the gate's and the linear branch's matrices stand side by side.</summary>
public sealed class MlpWeights : WeightGroup
{
    /// <summary>Input matrix, [d_model, d_mlp]; gated: gate then linear branch, [d_model, 2·d_mlp].</summary>
    public required torch.Tensor In { get; init; }

    /// <summary>Bias of the input matrix, [d_mlp] or [2·d_mlp], or none.</summary>
    public torch.Tensor? InBias { get; init; }

    /// <summary>Gated only: added to the product of the branches, [d_mlp], or none (TransformerLens's <c>b_in</c>).</summary>
    public torch.Tensor? PostBias { get; init; }

    /// <summary>Output matrix, [d_mlp, d_model].</summary>
    public required torch.Tensor Out { get; init; }

    /// <summary>Output bias, [d_model], or none.</summary>
    public torch.Tensor? OutBias { get; init; }

    /// <summary>The inner layer norm of SoLU models, or none.</summary>
    public NormWeights? InnerNorm { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, torch.Tensor Tensor)> Tensors() =>
        Present(("W_in", In), ("b_in", InBias), ("b_post", PostBias), ("W_out", Out), ("b_out", OutBias)).Concat(Within("ln.", InnerNorm));

    /// <summary>The same group with every tensor mapped.</summary>
    public MlpWeights Map(Func<torch.Tensor, torch.Tensor> map) => new()
    {
        In = map(In), InBias = Map(InBias, map), PostBias = Map(PostBias, map), Out = map(Out), OutBias = Map(OutBias, map),
        InnerNorm = InnerNorm?.Map(map),
    };
}
