namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The activation plus seeded Gaussian noise.</summary>
internal sealed class NoiseAblation(double standardDeviation, long seed) : Ablation
{
    /// <inheritdoc/>
    public override string ToString() => $"noise of standard deviation {standardDeviation}";

    /// <inheritdoc/>
    internal override PreparedAblation Prepare(Unit unit) => new(Interventions.Apply((x, context) => x + Noise(x, context.Name), ToString()));

    // Drawn on the CPU, so that every device sees the same noise.
    private Tensor Noise(Tensor like, HookName name)
    {
        using var scope = NewDisposeScope();
        var own = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL + (ulong)(name.Layer + 1) * 1_000_003UL);
        using var generator = new Generator(own);
        return (randn(like.shape, dtype: ScalarType.Float64, generator: generator) * standardDeviation).to(like.dtype, like.device).MoveToOuterDisposeScope();
    }
}
