namespace Interp;

using static TorchSharp.torch;

/// <summary>What a pass over some of a batch's rows must know of all of them, so that its losses are its share of the whole batch's.</summary>
/// <remarks>It lives in the dispose scope it is made in.</remarks>
internal sealed class WholeBatch(Tensor target)
{
    /// <summary>Rows of the batch.</summary>
    public long Rows { get; } = target.shape[0];

    /// <summary>Σ |y - ȳ|², a scalar.</summary>
    public Tensor Spread { get; } = (target - target.mean([0L], keepdim: true)).square().sum();

    /// <summary>Lengths of the decoder's rows, which gradients are taken of by themselves; [width].</summary>
    public required Tensor Norms { get; init; }

    /// <summary>Which latents count as dead, [width] of bool.</summary>
    public required Tensor Dead { get; set; }

    /// <summary>Mean squared distance of the errors from their mean, where a loss is divided by it.</summary>
    public Tensor? ResidualSpread { get; set; }

    /// <summary>Mean number of latents above their threshold, where a loss is no sum over rows of it.</summary>
    public double? Active { get; set; }
}
