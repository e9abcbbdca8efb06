namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Puts what a run captures into a cache.</summary>
internal sealed class CacheSink(ActivationCache cache, CaptureStorage storage) : ICaptureSink
{
    /// <inheritdoc/>
    public void Take(HookName name, Unit unit, Tensor activation, bool keepGraph)
    {
        if (keepGraph)
            cache.Put(name, unit, new MemoryActivation(activation.DetachFromDisposeScope()));
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
}
