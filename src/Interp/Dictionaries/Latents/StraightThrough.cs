namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Steps whose threshold learns although their derivative is zero nearly everywhere.</summary>
/// <remarks>
/// Rajamanoharan et al. 2024. The threshold enters as c·(θ - stop(θ)): zero in value, c in gradient. The window is open on both sides.
/// </remarks>
public static class StraightThrough
{
    /// <summary>z·1[z &gt; θ]; ∂/∂z = 1[z &gt; θ], ∂/∂θ = -(θ/ε)·rect((z - θ)/ε), summed over rows.</summary>
    /// <param name="pre">z, [rows, width].</param>
    /// <param name="threshold">θ, [width].</param>
    /// <param name="bandwidth">ε.</param>
    /// <returns>[rows, width].</returns>
    public static Tensor JumpRelu(Tensor pre, Tensor threshold, double bandwidth)
    {
        using var scope = NewDisposeScope();
        var slope = Window(pre, threshold, bandwidth) * (threshold.detach() / -bandwidth);
        return (pre * (pre > threshold).to(pre.dtype) + slope * (threshold - threshold.detach())).MoveToOuterDisposeScope();
    }

    /// <summary>1[z &gt; θ]; ∂/∂z = 0, ∂/∂θ = -(1/ε)·rect((z - θ)/ε), summed over rows.</summary>
    /// <param name="pre">z, [rows, width].</param>
    /// <param name="threshold">θ, [width].</param>
    /// <param name="bandwidth">ε.</param>
    /// <returns>[rows, width].</returns>
    public static Tensor Step(Tensor pre, Tensor threshold, double bandwidth)
    {
        using var scope = NewDisposeScope();
        var slope = Window(pre, threshold, bandwidth) / -bandwidth;
        return ((pre > threshold).to(pre.dtype) + slope * (threshold - threshold.detach())).MoveToOuterDisposeScope();
    }

    private static Tensor Window(Tensor pre, Tensor threshold, double bandwidth)
    {
        var distance = (pre.detach() - threshold.detach()) / bandwidth;
        return (distance > -0.5).logical_and(distance < 0.5).to(pre.dtype);
    }
}
