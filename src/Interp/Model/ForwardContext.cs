namespace Interp.Extending;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>One forward pass in progress, as a model's components see it.</summary>
/// <remarks>
/// A component calls <c>x = run.Emit(site, layer, x)</c> at each of its hook points and goes on with what comes back. Nothing of a run is
/// stored on the model. Tensors made while a component runs belong to the scope that the model has opened around it.
/// </remarks>
public sealed class ForwardContext
{
    private readonly Listener?[]?[] listeners;
    private readonly bool spliced;
    private readonly Dictionary<int, Tensor> masks = [];

    internal ForwardContext(HookedTransformer model, ListenerTable table)
    {
        Model = model;
        listeners = table.Rows;
        spliced = !model.Splices.IsEmpty;
    }

    /// <summary>The model that runs.</summary>
    public HookedTransformer Model { get; }

    /// <summary>Its description.</summary>
    public TransformerConfig Config => Model.Config;

    /// <summary>Rows in the batch at this moment.</summary>
    public long Batch { get; internal set; }

    /// <summary>Positions in this pass, those in the key-value cache not counted.</summary>
    public long Positions { get; internal set; }

    /// <summary>Positions that lie before this pass's first one, in the key-value cache.</summary>
    public int PastLength { get; internal set; }

    /// <summary>The keys and values of earlier positions, or none.</summary>
    public KeyValueCache? Cache { get; internal set; }

    /// <summary>Which tokens are real, [batch, past + pos], or none where all are.</summary>
    public Tensor? TokenMask { get; internal set; }

    /// <summary>The number of each token's place, [batch, pos], or none where they count from <see cref="PastLength"/>.</summary>
    public Tensor? PositionIds { get; internal set; }

    /// <summary>Which keys each query may see beyond causality, per layer: 1 keeps, 0 hides; broadcasts to [batch, head, query, key]; or none.</summary>
    public Func<int, Tensor?>? Visibility { get; internal set; }

    /// <summary>Whether the pass is computed in twice the bits of the weights. Nobody listens to such a pass.</summary>
    internal bool Wide { get; init; }

    /// <summary>Positional embedding that queries and keys read in every block (shortformer), [batch or 1, pos, d_model], or none.</summary>
    internal Tensor? ShortformerPositions { get; set; }

    /// <summary>Offers an activation to whoever listens and returns what to go on with.</summary>
    /// <param name="site">The hook point.</param>
    /// <param name="layer">The block; -1 for sites the model has once.</param>
    /// <param name="activation">The activation, with the site's axes.</param>
    /// <returns>The same tensor, or the one an intervention put in its place.</returns>
    public Tensor Emit(Site site, int layer, Tensor activation)
    {
        var row = site.Id < listeners.Length ? listeners[site.Id] : null;
        var listener = row?[layer + 1];
        if (listener is not null)
            activation = listener.Hear(activation, this, new HookName(site, layer));
        return spliced && Model.Splices.TryGetValue(new HookName(site, layer), out var splice) ? splice.Forward(this, layer, activation) : activation;
    }

    /// <summary>Whether anybody listens at a hook point: components skip lazy activations nobody wants.</summary>
    public bool Hears(Site site, int layer)
    {
        var row = site.Id < listeners.Length ? listeners[site.Id] : null;
        return row?[layer + 1] is not null;
    }

    /// <summary>Whether somebody may change the activation at a hook point, or wants its gradient.</summary>
    public bool Changes(Site site, int layer)
    {
        var row = site.Id < listeners.Length ? listeners[site.Id] : null;
        return row?[layer + 1]?.Changes ?? false;
    }

    /// <summary>What is added to the scores: -inf where a query must not see a key, and ALiBi's bias; null where nothing is.</summary>
    /// <param name="layer">The block.</param>
    /// <param name="like">Gives dtype and device.</param>
    /// <returns>[1 or batch, 1 or head, query, key], 0 where visible (ALiBi: less with the distance) and -inf where not.</returns>
    public Tensor? AttentionBias(int layer, Tensor like)
    {
        var window = Config.Window(layer);
        if (window > 0 && window >= Positions + PastLength)
            window = 0;
        var extra = Visibility?.Invoke(layer);
        if (!Config.Causal && window == 0 && TokenMask is null && extra is null && Config.Positions != PositionKind.Alibi)
            return null;
        if (!masks.TryGetValue(window, out var mask))
            masks[window] = mask = BuildMask(window, like).DetachFromDisposeScope();
        return extra is null ? mask : mask.masked_fill(extra == 0, double.NegativeInfinity);
    }

    /// <summary>Which queries see no key at all, [1 or batch, 1, query, 1]; null where that cannot be.</summary>
    internal Tensor? BlindQueries(Tensor? bias) =>
        TokenMask is null && Visibility is null ? null : bias?.isneginf().all(-1, keepdim: true);

    /// <summary>What it runs.</summary>
    public override string ToString() => $"{Model.Config.ModelName} on {Batch} x {Positions} tokens";

    /// <summary>How many real tokens each row has among its first columns; all of them where there is no mask.</summary>
    internal long[] Lengths(long columns)
    {
        if (TokenMask is null)
            return [columns];
        using var scope = NewDisposeScope();
        return TokenMask.narrow(1, 0, columns).to(ScalarType.Int64).sum(1).cpu().data<long>().ToArray();
    }

    /// <summary>Rows of the embedding in the type in which the pass is computed: float64 for float32 weights, float32 for half precision.</summary>
    internal Tensor Widened(Tensor x) =>
        !Wide ? x : x.to(x.dtype is ScalarType.Float32 or ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32);

    internal void RowsChanged()
    {
        foreach (var mask in masks.Values)
            mask.Dispose();
        masks.Clear();
    }

    private Tensor BuildMask(int window, Tensor like)
    {
        using var scope = NewDisposeScope();
        var keys = arange(PastLength + Positions, device: like.device); // [key]
        var queries = keys.narrow(0, PastLength, Positions).unsqueeze(-1); // [query, 1]
        var distance = queries - keys; // [query, key]
        var hidden = Config.Causal ? distance < 0 : zeros_like(distance, dtype: ScalarType.Bool);
        if (window > 0)
            hidden = hidden.logical_or(distance >= window);
        hidden = hidden.unsqueeze(0).unsqueeze(0); // [1, 1, query, key]
        if (TokenMask is not null)
            hidden = hidden.logical_or((TokenMask == 0).unsqueeze(1).unsqueeze(1)); // [batch, 1, query, key]
        var visible = Config.Positions == PositionKind.Alibi
            ? -distance.abs().to(like.dtype) * tensor(Alibi.Slopes(Config.Heads), dtype: like.dtype, device: like.device).view(1, -1, 1, 1) // [1, head, query, key]
            : zeros_like(hidden, dtype: like.dtype);
        return visible.masked_fill(hidden, double.NegativeInfinity).MoveToOuterDisposeScope();
    }
}
