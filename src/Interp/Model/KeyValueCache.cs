namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Keys (after rotary) and values of the positions a model has seen, per layer.</summary>
/// <remarks>The cache owns its tensors. A frozen cache serves a shared prefix: it is read and not extended.</remarks>
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor?[] keys;
    private readonly Tensor?[] values;

    /// <summary>An empty cache for a model.</summary>
    public KeyValueCache(HookedTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        keys = new Tensor?[model.Config.Layers];
        values = new Tensor?[model.Config.Layers];
    }

    /// <summary>Positions in the cache.</summary>
    public int Length { get; private set; }

    /// <summary>Whether runs read the cache without extending it.</summary>
    public bool Frozen { get; set; }

    /// <summary>Which cached tokens are real, [batch, length], or none where all are.</summary>
    public Tensor? TokenMask { get; private set; }

    /// <summary>Frees the cached tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values))
            tensor?.Dispose();
        TokenMask?.Dispose();
        TokenMask = null;
    }

    /// <summary>The cached keys and values of a layer with new ones behind them, [batch, length + pos, kv_head, d_head] each.</summary>
    internal (Tensor Keys, Tensor Values) Extend(int layer, Tensor newKeys, Tensor newValues)
    {
        var (k, v) = keys[layer] is { } pastKeys ? (cat([pastKeys, newKeys], 1), cat([values[layer]!, newValues], 1)) : (newKeys, newValues);
        if (!Frozen)
        {
            keys[layer]?.Dispose();
            values[layer]?.Dispose();
            keys[layer] = k.detach().DetachFromDisposeScope();
            values[layer] = v.detach().DetachFromDisposeScope();
        }
        return (k, v);
    }

    /// <summary>Counts the positions of a finished pass.</summary>
    internal void Advance(int positions, Tensor? mask)
    {
        if (Frozen)
            return;
        Length += positions;
        TokenMask?.Dispose();
        TokenMask = mask?.detach().DetachFromDisposeScope();
    }
}
