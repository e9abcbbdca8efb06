namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Keys (after rotary) and values of the positions a model has seen, per layer.</summary>
/// <remarks>The cache owns its tensors. A frozen cache serves a shared prefix: it is read and not extended.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class KeyValueCache : IDisposable
{
    private readonly Tensor?[] keys;
    private readonly Tensor?[] values;
    private readonly List<(int Layer, Tensor Keys, Tensor Values)> pending = [];

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

    /// <summary>Rows in the cache; 0 while it is empty.</summary>
    public int Batch => (int)(keys[0]?.shape[0] ?? 0);

    /// <summary>Frees the cached tensors.</summary>
    public void Dispose()
    {
        Discard();
        foreach (var tensor in keys.Concat(values))
            tensor?.Dispose();
        TokenMask?.Dispose();
        TokenMask = null;
    }

    /// <summary>The cached keys and values of a layer with new ones behind them. Attention calls it once in each pass.</summary>
    /// <param name="layer">The block.</param>
    /// <param name="newKeys">After rotary, [batch, pos, kv_head, d_head].</param>
    /// <param name="newValues">Likewise.</param>
    /// <returns>[batch, length + pos, kv_head, d_head] each; the cache itself changes only when the whole pass is done.</returns>
    public (Tensor Keys, Tensor Values) Extend(int layer, Tensor newKeys, Tensor newValues)
    {
        var (k, v) = keys[layer] is { } pastKeys ? (cat([pastKeys, newKeys], 1), cat([values[layer]!, newValues], 1)) : (newKeys, newValues);
        if (!Frozen)
            pending.Add((layer, k.detach().DetachFromDisposeScope(), v.detach().DetachFromDisposeScope()));
        return (k, v);
    }

    /// <summary>How many positions it holds.</summary>
    public override string ToString() => $"keys and values of {Length} positions, {Batch} rows, {keys.Length} layers{(Frozen ? ", frozen" : "")}";

    /// <summary>A cache of its own over the same positions: it grows, this one does not.</summary>
    internal KeyValueCache Copy(HookedTransformer model)
    {
        var copy = new KeyValueCache(model) { Length = Length, TokenMask = TokenMask?.alias().DetachFromDisposeScope() };
        for (var layer = 0; layer < keys.Length; layer++)
            (copy.keys[layer], copy.values[layer]) = (keys[layer]?.alias().DetachFromDisposeScope(), values[layer]?.alias().DetachFromDisposeScope());
        return copy;
    }

    /// <summary>Takes over what a finished pass has computed, and counts its positions.</summary>
    internal void Advance(int positions, Tensor? mask)
    {
        if (Frozen)
            return;
        foreach (var (layer, k, v) in pending)
        {
            keys[layer]?.Dispose();
            values[layer]?.Dispose();
            (keys[layer], values[layer]) = (k, v);
        }
        pending.Clear();
        Length += positions;
        TokenMask?.Dispose();
        TokenMask = mask?.detach().DetachFromDisposeScope();
    }

    /// <summary>Forgets what an unfinished pass has computed.</summary>
    internal void Discard()
    {
        foreach (var (_, k, v) in pending)
        {
            k.Dispose();
            v.Dispose();
        }
        pending.Clear();
    }
}
