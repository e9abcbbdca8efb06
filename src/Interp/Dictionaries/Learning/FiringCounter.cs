namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>For how long each latent has been silent.</summary>
internal sealed class FiringCounter(int width, Device device) : IDisposable
{
    /// <summary>Steps or rows since each latent last fired, [width], int64.</summary>
    public Tensor Silent { get; } = zeros([width], dtype: ScalarType.Int64, device: device).DetachFromDisposeScope();

    public void Add(Tensor fired, long amount)
    {
        using var scope = NewDisposeScope();
        Silent.add_(amount).masked_fill_(fired, 0);
    }

    public void Dispose() => Silent.Dispose();
}
