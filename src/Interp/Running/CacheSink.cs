namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Puts what a run captures into a cache.</summary>
internal sealed class CacheSink(ActivationCache cache, CaptureStorage storage) : ICaptureSink
{
    private readonly string? run = storage.Folder is null ? null : Guid.NewGuid().ToString("N");
    private int files;

    /// <inheritdoc/>
    public void Take(HookName name, Unit unit, Tensor activation, bool keepGraph)
    {
        if (keepGraph)
            cache.Put(name, unit, new MemoryActivation(activation.DetachFromDisposeScope()));
        else if (storage.Folder is not null)
            cache.Put(name, unit, Spilled(activation));
        else
            cache.Put(name, unit, new MemoryActivation(Kept(activation).DetachFromDisposeScope()));
    }

    // A view into a larger tensor would keep all of it alive: the cache's bytes are those of what was asked for.
    private Tensor Kept(Tensor activation)
    {
        var plain = activation.detach();
        if (storage.Kind == "cpu" && plain.device_type != DeviceType.CPU)
            return plain.cpu();
        if (plain.is_contiguous())
            return plain;
        using (plain)
            return plain.contiguous();
    }

    private DiskActivation Spilled(Tensor activation)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(storage.Folder!);
        var path = Path.Combine(storage.Folder!, $"{run}-{files++}.safetensors");
        var plain = activation.detach().cpu().contiguous();
        Safetensors.Write(path, [("activation", plain)]);
        return new DiskActivation(path, plain.numel() * plain.element_size(), activation.device);
    }
}
