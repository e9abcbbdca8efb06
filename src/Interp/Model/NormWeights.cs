namespace Interp;

using TorchSharp;

/// <summary>Gain and bias of a norm.</summary>
public sealed class NormWeights : WeightGroup
{
    /// <summary>Gain, [width].</summary>
    public required torch.Tensor Gain { get; init; }

    /// <summary>Bias, [width]; none for RMSNorm.</summary>
    public torch.Tensor? Bias { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, torch.Tensor Tensor)> Tensors() => Present(("w", Gain), ("b", Bias));

    /// <summary>The same group with every tensor mapped.</summary>
    public NormWeights Map(Func<torch.Tensor, torch.Tensor> map) => new() { Gain = map(Gain), Bias = Map(Bias, map) };
}
