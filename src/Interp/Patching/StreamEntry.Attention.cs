namespace Interp;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <content>Patches of queries, keys, values, scores and patterns: only the z of their heads changes, and with it a part of what attention writes.</content>
internal sealed partial class StreamEntry
{
    // What a patch within attention adds to the residual stream, [batch, count, d_model].
    private Tensor Mixed(Unit unit, int layer, long start, long count)
    {
        var attention = (Attention)Model.Blocks[layer].Attention;
        var (head, heads, shared, groups) = HeadsOf(unit);
        var z = Patterned(unit, layer, attention, start, count, (head, heads, shared, groups));
        var before = own[new HookName(Z, layer)].narrow(1, start, count).narrow(2, head, heads);
        return Projected(z - before, attention, head);
    }

    // z of the unit's heads at some positions with the patch in place, [batch, count, head, d_head].
    private Tensor Patterned(Unit unit, int layer, Attention attention, long start, long count, (long Head, long Heads, long Shared, long Groups) of)
    {
        var site = Placed(Model, unit.Site);
        unit = Moved(unit, site);
        Tensor At(Site at) => at == site ? Patched(unit, new HookName(at, layer)) : own[new HookName(at, layer)];
        Tensor Rows(Tensor square) => square.narrow(1, square.shape[1] > 1 ? of.Head : 0, square.shape[1] > 1 ? of.Heads : 1).narrow(2, start, count);
        var values = At(V).narrow(2, of.Shared, of.Groups); // [batch, pos, kv_head, d_head]
        if (site == Pattern)
            return attention.Weighted(Rows(At(Pattern)), values);
        if (site == AttnScores)
            return attention.Weighted(Attention.Softmax(Rows(At(AttnScores)), null), values);
        var queries = At(Placed(Model, Q)).narrow(1, start, count).narrow(2, of.Head, of.Heads);
        var keys = At(Placed(Model, K)).narrow(2, of.Shared, of.Groups);
        var scores = attention.Scores(queries, keys, Rows(silent.AttentionBias(layer, queries)!)); // [batch, head, count, key]
        return attention.Weighted(Attention.Softmax(scores, null), values);
    }

    // The query heads a unit touches and the key-value heads they read.
    private (long Head, long Heads, long Shared, long Groups) HeadsOf(Unit unit)
    {
        var (heads, shared) = (Model.Config.Heads, Model.Config.KvHeads);
        var each = heads / shared;
        var axis = unit.HeadAxis!;
        if (!unit.Along(axis).IsSingle)
            return (0, heads, 0, shared);
        var place = One(unit, axis, axis == "head" ? heads : shared);
        return axis == "head" ? (place, 1, place / each, 1) : ((long)place * each, each, place, 1);
    }

    private static Unit Moved(Unit unit, Site site) =>
        unit.Site == site ? unit : unit.Site.Axes.Aggregate(Unit.Of(site).AtLayers(unit.Layers), (moved, axis) => moved.Along(axis, unit.Along(axis)));
}
