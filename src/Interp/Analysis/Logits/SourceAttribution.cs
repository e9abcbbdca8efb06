namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What each head writes, taken apart by the tokens that it attends to.</summary>
/// <remarks>
/// A head's output at a token is the sum over source tokens of attention times value times W_O. Its product with a direction is therefore a
/// sum over source tokens, which is the head's own product with it. The output bias belongs to no source.
/// </remarks>
public static class SourceAttribution
{
    /// <summary>Each source token's part of what heads write along directions, [layer, head, prompt, pos, source] or with an axis <c>direction</c> before these.</summary>
    /// <param name="cache">A cache with <c>Pattern</c> and <c>V</c> of the layers.</param>
    /// <param name="directions">One, [d_model], or several, [direction, d_model].</param>
    /// <param name="layers">Which layers.</param>
    /// <param name="positions">Which destinations; all by default.</param>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    /// <exception cref="ArgumentException">The directions have another shape.</exception>
    public static LabelledArray SourceProjections(this ActivationCache cache, Tensor directions, Indices layers = default, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var several = directions.dim() == 2;
        Shape.Check(directions, several ? $"direction {cache.Model.Config.DModel}" : $"{cache.Model.Config.DModel}", nameof(directions));
        var at = layers.Resolve(cache.Model.Config.Layers, "layer");
        Tensor Along(Tensor direction) => stack([.. at.Select(l => Parts(cache, l, direction.unsqueeze(0), positions))], 0); // [layer, head, batch, place, source]
        var values = several ? stack([.. Enumerable.Range(0, (int)directions.shape[0]).Select(i => Along(directions[i]))], 0) : Along(directions);
        return Labelled(cache, at, positions, values, "projection");
    }

    /// <summary>Each source token's share of a logit, or of a logit difference, through each head, [layer, head, prompt, pos, source].</summary>
    /// <param name="run">A run with <c>Pattern</c> and <c>V</c>, and with <c>FinalScale</c> or the last <c>ResidPost</c>; on models with norms behind the sublayers also the norm's scale or <c>AttnOutRaw</c>.</param>
    /// <param name="token">The token, for all prompts.</param>
    /// <param name="incorrect">The token whose logit is subtracted, or null.</param>
    /// <param name="layers">Which layers.</param>
    /// <param name="positions">Which destinations; all by default.</param>
    /// <returns>Shares which sum over sources to the head's in <see cref="DirectLogitAttribution"/>; before any soft cap.</returns>
    /// <exception cref="KeyNotFoundException">An activation was not captured.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    /// <exception cref="NotSupportedException">The model normalises the residual stream itself.</exception>
    public static LabelledArray AttributeLogitToSources(
        this Run run, int token, int? incorrect = null, Indices layers = default, Indices positions = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var cache = run.Cache;
        DecompositionExtensions.RefuseSumNorms(run.Model);
        var (directions, _) = LogitReading.Of(run.Model, [token], incorrect is { } wrong ? [wrong] : null);
        var reader = new ReaderNorm(cache, run.Model.Config.Layers, false);
        var prepared = reader.Prepare(directions, RowNorm.CachedScale); // [1, d_model]
        var at = layers.Resolve(run.Model.Config.Layers, "layer");
        List<Tensor> rows = [];
        foreach (var layer in at)
        {
            var writer = WriterNorm.Of(cache, layer, false);
            var parts = Parts(cache, layer, writer?.Prepare(prepared) ?? prepared, positions); // [head, batch, place, source]
            rows.Add(writer is null ? parts : parts / writer.Scale(positions));
        }
        var all = stack(rows, 0); // [layer, head, batch, place, source]
        if (reader.ScaleOrNone(positions) is { } scale)
            all = all / scale;
        return Labelled(cache, at, positions, all, incorrect is null ? "share of the logit" : "share of the logit difference");
    }

    // [head, batch, place, source]
    private static Tensor Parts(ActivationCache cache, int layer, Tensor direction, Indices positions)
    {
        using var scope = NewDisposeScope();
        var model = cache.Model;
        var pattern = PatternAt(cache, new HookName(Sites.Pattern, layer), positions); // [batch, head, place, key]
        var value = CachedStream.At(cache, new HookName(Sites.V, layer), Indices.All); // [batch, key, kv_head, d_head]
        if (value.shape[1] != pattern.shape[3])
            throw new InvalidOperationException($"Layer {layer} attends to {pattern.shape[3]} keys and has values of {value.shape[1]}: capture V whole, in a run without a key-value cache.");
        var reads = model.WO(layer).matmul(direction.squeeze(0)); // [head, d_head]
        var group = model.Config.Heads / model.Config.KvHeads;
        var products = einsum("bkgd,ghd->bghk", value, reads.view(model.Config.KvHeads, group, -1)).flatten(1, 2); // [batch, head, key]
        return (pattern * products.unsqueeze(2)).transpose(0, 1).MoveToOuterDisposeScope();
    }

    private static Tensor PatternAt(ActivationCache cache, HookName name, Indices positions)
    {
        var whole = HeadScoreExtensions.Shaped(cache[name]);
        if (positions.IsAll)
            return whole;
        if (positions.IsPerRow && cache.Input is null)
            throw new InvalidOperationException($"{positions} differs from row to row, and this cache does not hold the prompts: give positions as numbers.");
        var part = Selection.Resolve(((Unit)name).At(positions), whole.shape, cache.Input!, 0, false)!.Read(whole);
        return part.dim() == 3 ? part.unsqueeze(2) : part; // [batch, head, place, key]
    }

    private static LabelledArray Labelled(ActivationCache cache, int[] layers, Indices positions, Tensor values, string quantity)
    {
        var shape = values.shape[^5..]; // layer, head, batch, place, source
        var sources = CachedStream.Places(cache, Indices.All, shape[4]);
        Axis[] axes =
        [
            HeadScoreExtensions.Layers(layers.Select(l => new HookName(Sites.Pattern, l))), new Axis("head", (int)shape[1]), CachedStream.Prompts(shape[2]),
            CachedStream.Places(cache, positions, shape[3]), new Axis("source", sources.Labels),
        ];
        return new LabelledArray(
            values.dim() == 5 ? axes : [new Axis("direction", (int)values.shape[0]), .. axes], values.Doubles(), quantity,
            new Provenance { Model = cache.Model.Config.ModelName, Method = "attention by source token" });
    }
}
