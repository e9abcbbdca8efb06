namespace Interp;

using TorchSharp;

/// <summary>One captured activation, wherever it is kept.</summary>
internal interface ICachedActivation : IDisposable
{
    /// <summary>The activation; read from disk at the first call when it was spilled.</summary>
    torch.Tensor Tensor { get; }

    /// <summary>Its size in bytes.</summary>
    long Bytes { get; }
}

/// <summary>An activation in memory.</summary>
internal sealed class MemoryActivation(torch.Tensor tensor) : ICachedActivation
{
    public torch.Tensor Tensor => tensor;

    public long Bytes => tensor.numel() * tensor.element_size();

    public void Dispose() => tensor.Dispose();
}

/// <summary>An activation in a file of its own, read at the first use and deleted with the cache.</summary>
internal sealed class DiskActivation(string path, long bytes, torch.Device device) : ICachedActivation
{
    private torch.Tensor? loaded;

    public torch.Tensor Tensor
    {
        get
        {
            if (loaded is null)
            {
                using var file = SafetensorsFile.Open(path);
                loaded = file.Read("activation", device: device).DetachFromDisposeScope();
            }
            return loaded;
        }
    }

    public long Bytes => bytes;

    public void Dispose()
    {
        loaded?.Dispose();
        File.Delete(path);
    }
}
