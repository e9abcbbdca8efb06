namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The norm between the residual stream and one reader: a layer's attention, its MLP, or the unembedding.</summary>
/// <param name="cache">What the run captured.</param>
/// <param name="layer">The reader's layer; the number of layers for the unembedding.</param>
/// <param name="mlpInput">Whether the reader is the layer's MLP.</param>
internal sealed class ReaderNorm(ActivationCache cache, int layer, bool mlpInput)
{
    private readonly HookedTransformer model = cache.Model;

    /// <summary>The norm; null where the model has none.</summary>
    public Norm? Norm => Part() switch
    {
        null or NoNorm => null,
        Norm norm => norm,
        var other => throw new NotSupportedException($"The norm {other.GetType().Name} {Where} is not built in: its scale cannot be read. Use RowNorm.None and apply it yourself."),
    };

    /// <summary>Gain of the norm, [d_model], or null.</summary>
    public Tensor? Gain => Norm?.Weights?.Gain;

    /// <summary>Bias of the norm, [d_model], or null.</summary>
    public Tensor? Bias => Norm?.Weights?.Bias;

    private bool IsFinal => layer == model.Config.Layers;

    private string Where => IsFinal ? "before the unembedding" : $"before the {(mlpInput ? "MLP" : "attention")} of layer {layer}";

    /// <summary>Applies the norm to rows.</summary>
    /// <param name="rows">[.., batch, place, d_model].</param>
    /// <param name="norm">How.</param>
    /// <param name="positions">The places' positions in the run.</param>
    /// <returns>The same shape; the rows themselves where nothing is to be done.</returns>
    public Tensor Apply(Tensor rows, RowNorm norm, Indices positions)
    {
        if (norm == RowNorm.None || Norm is not { } own)
            return rows;
        using var scope = NewDisposeScope();
        var result = norm == RowNorm.Recomputed ? own.Apply(rows) : own.ApplyScale(rows, Scale(positions), gain: norm == RowNorm.CachedScale);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// What directions read off rows before a norm with a fixed scale: x·d after the norm is x·(prepared d) / scale before it, because such a
    /// norm is linear. Projecting first saves the whole stack's copy.
    /// </summary>
    /// <param name="directions">[.., d_model].</param>
    /// <param name="norm">Not <see cref="RowNorm.Recomputed"/>, which is not linear.</param>
    public Tensor Prepare(Tensor directions, RowNorm norm)
    {
        if (norm == RowNorm.None || Norm is not { } own)
            return directions;
        if (norm == RowNorm.Recomputed)
            throw new ArgumentException("A norm with recomputed statistics is not linear, so parts cannot be projected one by one. Use RowNorm.CachedScale.", nameof(norm));
        using var scope = NewDisposeScope();
        var gained = norm == RowNorm.CachedScale && Gain is { } gain ? directions * gain : directions;
        return (own.Centred ? gained - gained.mean([-1], keepdim: true) : gained).MoveToOuterDisposeScope();
    }

    /// <summary>The scale that the norm had in the run, [batch, place, 1]; null where the model has no norm.</summary>
    /// <exception cref="KeyNotFoundException">Neither the scale nor the stream it is computed from was captured.</exception>
    public Tensor? ScaleOrNone(Indices positions) => Norm is null ? null : Scale(positions);

    private Tensor Scale(Indices positions)
    {
        var (scale, stream) = Names();
        if (CachedStream.Find(cache, scale, positions) is { } captured)
            return captured;
        if (CachedStream.Find(cache, stream, positions) is { } x)
            return Norm!.ScaleOf(x);
        throw new KeyNotFoundException($"The scale of the norm {Where} was not captured: add Capture({scale}) or Capture({stream}) to the run.");
    }

    private (HookName Scale, HookName Stream) Names() =>
        IsFinal ? (new HookName(Sites.FinalScale), new HookName(Sites.ResidPost, layer - 1))
        : !mlpInput ? (new HookName(Sites.Ln1Scale, layer), new HookName(Sites.ResidPre, layer))
        : (new HookName(Sites.Ln2Scale, layer), new HookName(model.Blocks[layer].Parallel ? Sites.ResidPre : Sites.ResidMid, layer));

    private INorm? Part() => IsFinal ? model.FinalNorm : mlpInput ? model.Blocks[layer].Norm2 : model.Blocks[layer].Norm1;
}
