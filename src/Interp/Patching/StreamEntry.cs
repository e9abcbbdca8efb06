namespace Interp;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Where and with what values a patch at a site enters the residual stream.</summary>
/// <remarks>
/// The stream's own sites enter as they are; sublayer outputs as a difference; z, results and neurons as a difference times their matrix;
/// queries, keys, values, scores and patterns through the z of the heads they belong to, which is all of the model that they change at once.
/// </remarks>
internal sealed partial class StreamEntry
{
    private readonly Contrast contrast;
    private readonly ActivationCache source;
    private readonly ActivationCache own;
    private readonly int firstChanged;
    private readonly ForwardContext silent;

    /// <summary>Entries of one sweep.</summary>
    /// <param name="contrast">The experiment.</param>
    /// <param name="source">The values that are put in place, in the base's layout.</param>
    /// <param name="own">The base run's.</param>
    /// <param name="firstChanged">The first position at which the two can differ.</param>
    /// <param name="silent">A pass that nobody listens to, for masks.</param>
    public StreamEntry(Contrast contrast, ActivationCache source, ActivationCache own, int firstChanged, ForwardContext silent) =>
        (this.contrast, this.source, this.own, this.firstChanged, this.silent) = (contrast, source, own, firstChanged, silent);

    private HookedTransformer Model => contrast.Model;

    /// <summary>Whether a patch's whole effect is a change of the residual stream that this class can tell.</summary>
    public static bool Knows(HookedTransformer model, PatchCell cell)
    {
        if (!cell.IsOne)
            return false;
        var (site, config) = (cell.Unit.Site, model.Config);
        if (site == ResidPre || site == ResidMid || site == ResidPost || site == AttnOut || site == MlpOut)
            return true;
        if (config.PostNorms)
            return false;
        // Dimensions of a query or key mix where it is normed or rotated, heads where a norm spans them.
        return site == Z || site == Result || site == MlpPost || site == V || site == Pattern || site == AttnScores
            || (InAttention(site) && cell.Unit.Along("d_head").IsAll && !(config.QueryKeyNorm && config.QueryKeyNormKind == QueryKeyNormKind.Projection));
    }

    /// <summary>What the source run must keep beside the site itself.</summary>
    public static IEnumerable<Site> SourceSites(HookedTransformer model, Site site) => Placed(model, site) is var placed && placed != site ? [placed] : [];

    /// <summary>What the base run must keep in the layers where patches of a site enter.</summary>
    public static IEnumerable<Site> OwnSites(HookedTransformer model, Site site)
    {
        Site[] stream = [At(site, model) switch { StreamPoint.Before => ResidPre, StreamPoint.Middle => ResidMid, _ => ResidPost }];
        return InAttention(site) ? stream.Append(Z) : stream;
    }

    /// <summary>The site behind norm and rotation, where rows of it are what scores are made of.</summary>
    public static Site Placed(HookedTransformer model, Site site) =>
        model.Config.Positions != PositionKind.Rotary ? site : site == Q ? RotQ : site == K ? RotK : site;

    /// <summary>How a patch enters.</summary>
    public StreamPatch Of(PatchCell cell)
    {
        var (site, last) = (cell.Unit.Site, contrast.Base.Length - 1);
        var enters = At(site, Model);
        var places = cell.Unit.Along(cell.Unit.PositionAxis);
        if (places.IsAll)
            return new StreamPatch(cell, enters, firstChanged, firstChanged == last);
        var columns = contrast.Base.Columns(places);
        var start = Math.Min(Math.Max(columns.Min(c => c.Min()), firstChanged), last);
        var spreads = site == K || site == RotK || site == V; // later queries see it
        return new StreamPatch(cell, enters, start, start == last || (!spreads && columns.All(c => c.Length == 1 && c[0] == start)));
    }

    /// <summary>Whether a patch cannot reach what the metric reads: in the last layer, behind attention, at other positions than the last.</summary>
    public bool IsIdle(StreamPatch patch) =>
        patch.Layer == Model.Config.Layers - 1 && patch.Enters != StreamPoint.Before && patch.Single && patch.Start < contrast.Base.Length - 1;

    /// <summary>The patched residual stream at the point of entry.</summary>
    /// <param name="patch">The patch.</param>
    /// <param name="start">The first position.</param>
    /// <param name="count">How many positions.</param>
    /// <returns>[batch, count, d_model].</returns>
    public Tensor Values(StreamPatch patch, long start, long count)
    {
        using var scope = NewDisposeScope();
        var (unit, layer) = (patch.Cell.Unit, patch.Layer);
        if (unit.Site == ResidPre || unit.Site == ResidMid || unit.Site == ResidPost)
            return Patched(unit, new HookName(unit.Site, layer)).narrow(1, start, count).clone().MoveToOuterDisposeScope();
        var stream = patch.Enters switch { StreamPoint.Before => ResidPre, StreamPoint.Middle => ResidMid, _ => ResidPost };
        return (own[new HookName(stream, layer)].narrow(1, start, count) + Written(unit, layer, start, count)).MoveToOuterDisposeScope();
    }

    private static bool InAttention(Site site) =>
        site == Q || site == RotQ || site == K || site == RotK || site == V || site == AttnScores || site == Pattern;

    private static StreamPoint At(Site site, HookedTransformer model)
    {
        var attends = site == AttnOut || site == Z || site == Result || InAttention(site);
        return site == ResidPre ? StreamPoint.Before
            : site == ResidMid || (attends && !model.Config.ParallelBlocks && !model.Config.AttentionOnly) ? StreamPoint.Middle
            : StreamPoint.After;
    }

    // The base's activation with the unit's part from the source.
    private Tensor Patched(Unit unit, HookName name) => PatchValues.Into(unit, own[name], source[name], contrast.Base);

    // What a patch adds to the residual stream, [batch, count, d_model].
    private Tensor Written(Unit unit, int layer, long start, long count)
    {
        var (site, block) = (unit.Site, Model.Blocks[layer]);
        if (site == AttnOut || site == MlpOut)
            return Difference(unit, layer, start, count);
        if (site == MlpPost)
        {
            var down = ((Mlp)block.Mlp!).Weights.Out; // [d_mlp, d_model]
            return unit.Along("d_mlp").IsSingle && One(unit, "d_mlp", Model.Config.DMlp) is var neuron
                ? Difference(unit, layer, start, count, 2, neuron) * down[neuron]
                : Difference(unit, layer, start, count).matmul(down);
        }
        var single = unit.Along(unit.HeadAxis!).IsSingle;
        if (InAttention(site))
            return Mixed(unit, layer, start, count);
        var head = single ? One(unit, "head", Model.Config.Heads) : -1;
        var difference = Difference(unit, layer, start, count, single ? 2 : -1, head); // [batch, count, head, ..]
        return site == Result ? difference.sum(2) : Projected(difference, (Attention)block.Attention, Math.Max(head, 0));
    }

    // z of heads from the first on through their part of W_O, [batch, count, d_model].
    private Tensor Projected(Tensor z, Attention attention, long firstHead) =>
        z.flatten(2).matmul(attention.Weights.Output.narrow(0, firstHead * Model.Config.DHead, z.shape[2] * Model.Config.DHead));

    // Patched minus own values at some positions, narrowed to one place along an axis where one is named.
    private Tensor Difference(Unit unit, int layer, long start, long count, int axis = -1, int place = 0)
    {
        var name = new HookName(unit.Site, layer);
        Tensor Part(Tensor t) => axis < 0 ? t.narrow(1, start, count) : t.narrow(1, start, count).narrow(axis, place, 1);
        var simple = unit.Site.Axes.All(a => unit.Along(a).IsAll || a == "pos" || (axis >= 0 && a == unit.Site.Axes[axis]));
        return simple && Covers(unit, start, count)
            ? Part(source[name]) - Part(own[name])
            : Part(Patched(unit, name)) - Part(own[name]);
    }

    // Whether the unit takes every one of these positions.
    private bool Covers(Unit unit, long start, long count)
    {
        var places = unit.Along("pos");
        return places.IsAll || (count == 1 && contrast.Base.Columns(places).All(c => c.Length == 1 && c[0] == start));
    }

    private static int One(Unit unit, string axis, int length) => unit.Along(axis).Resolve(length, axis)[0];
}
