namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The base's activations moved as far as a patch would move them, in random directions.</summary>
internal sealed class DirectionSource(Contrast contrast, int seed) : PatchSource
{
    /// <inheritdoc/>
    public override (ActivationCache Values, double[]? Metric) Read(IReadOnlyList<Unit> units, ActivationCache own, CancellationToken cancellation)
    {
        var (source, supplied) = new ContrastSource(contrast).Read(units, own, cancellation);
        using (source)
        {
            using var generator = new Generator((ulong)seed);
            var moved = new ActivationCache(contrast.Model, contrast.Base);
            foreach (var (name, values) in source)
                moved.Put(name, name.Site, new MemoryActivation(Moved(own[name], values, generator)));
            return (moved, supplied);
        }
    }

    // Each vector along the last axis by a random one of the difference's length; drawn on the CPU, so that every device sees the same.
    private static Tensor Moved(Tensor own, Tensor values, Generator generator)
    {
        using var scope = NewDisposeScope();
        var distance = (values - own).pow(2).sum(-1, keepdim: true).sqrt();
        var drawn = randn(own.shape, dtype: ScalarType.Float64, generator: generator).to(own.dtype, own.device);
        return (own + drawn / drawn.pow(2).sum(-1, keepdim: true).sqrt() * distance).DetachFromDisposeScope();
    }
}
