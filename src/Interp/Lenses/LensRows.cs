namespace Interp;

using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The rows of a lens, in the order of the forward pass or as asked.</summary>
internal static class LensRows
{
    private const string Wanted = "a lens reads what is shaped like the residual stream ([.., d_model]), heads (Z) and neurons (MlpPost)";

    /// <summary>The captured residual streams. A stream that is the next one's beginning stands once.</summary>
    public static IEnumerable<LensRow> Of(ActivationCache cache)
    {
        var layers = cache.Model.Config.Layers;
        for (var layer = 0; layer < layers; layer++)
        {
            var (pre, mid, post) = (new HookName(Sites.ResidPre, layer), new HookName(Sites.ResidMid, layer), new HookName(Sites.ResidPost, layer));
            if (cache.Contains(pre))
                yield return Whole(cache, pre);
            if (cache.Contains(mid))
                yield return Whole(cache, mid);
            if (cache.Contains(post) && !(layer + 1 < layers && cache.Contains(new HookName(Sites.ResidPre, layer + 1))))
                yield return Whole(cache, post);
        }
    }

    /// <summary>The rows of chosen sites: one for each layer, head or neuron.</summary>
    /// <exception cref="ArgumentException">A site has another shape, or positions of its own.</exception>
    public static IEnumerable<LensRow> Of(ActivationCache cache, IEnumerable<Unit> units)
    {
        foreach (var unit in units)
        {
            if (unit.Site.Axis("pos") >= 0 && !unit.Along("pos").IsAll)
                throw new ArgumentException($"{unit} has positions of its own: give the positions to the lens, where all its rows are read.", nameof(units));
            var rows = RowsOf(cache.Model, unit.Site);
            foreach (var name in HookBinding.Names(cache.Model, unit))
                foreach (var row in rows(cache, name, unit))
                    yield return row;
        }
    }

    private static Func<ActivationCache, HookName, Unit, IEnumerable<LensRow>> RowsOf(HookedTransformer model, Site site)
    {
        if (site == Sites.Z)
            return Heads;
        if (site == Sites.MlpPost)
            return Neurons;
        if (site.Axes is ["batch", "pos", "d_model"])
            return (cache, name, unit) => [unit.Along("d_model").IsAll ? Whole(cache, name) : throw Narrowed(unit)];
        if (site.Axes is ["batch", "pos", "head" or "kv_head", "d_model"])
            return PerHead;
        throw new ArgumentException($"{site} has axes [{string.Join(", ", site.Axes)}] in {model.Config.ModelName}: {Wanted}.", nameof(site));
    }

    /// <summary>A site shaped like the stream, as one row.</summary>
    public static LensRow Whole(ActivationCache cache, HookName name) => new(Label(cache.Model, name), positions => CachedStream.At(cache, name, positions));

    // z·W_O, without the bias.
    private static IEnumerable<LensRow> Heads(ActivationCache cache, HookName name, Unit unit)
    {
        if (!unit.Along("d_head").IsAll)
            throw Narrowed(unit);
        foreach (var head in unit.Along("head").Resolve(cache.Model.Config.Heads, "head"))
            yield return new LensRow(Of(name.Layer, 'H', head), positions =>
            {
                using var scope = NewDisposeScope();
                var z = CachedStream.At(cache, name, positions).select(2, head); // [batch, pos, d_head]
                return z.matmul(cache.Model.WO(name.Layer)[head]).MoveToOuterDisposeScope();
            });
    }

    // Activation times the neuron's row of W_out.
    private static IEnumerable<LensRow> Neurons(ActivationCache cache, HookName name, Unit unit)
    {
        foreach (var neuron in unit.Along("d_mlp").Resolve(cache.Model.Config.DMlp, "d_mlp"))
            yield return new LensRow(Of(name.Layer, 'N', neuron), positions =>
            {
                using var scope = NewDisposeScope();
                var post = CachedStream.At(cache, name, positions).narrow(2, neuron, 1); // [batch, pos, 1]
                return (post * cache.Model.WOut(name.Layer)[neuron]).MoveToOuterDisposeScope();
            });
    }

    private static IEnumerable<LensRow> PerHead(ActivationCache cache, HookName name, Unit unit)
    {
        if (!unit.Along("d_model").IsAll)
            throw Narrowed(unit);
        var count = name.Site.Axis("head") >= 0 ? cache.Model.Config.Heads : cache.Model.Config.KvHeads;
        foreach (var head in unit.Along(name.Site.Axes[2]).Resolve(count, "head"))
            yield return new LensRow(
                name.Site == Sites.Result ? Of(name.Layer, 'H', head) : $"{name} {head.ToString(CultureInfo.InvariantCulture)}",
                positions => CachedStream.At(cache, name, positions).select(2, head));
    }

    private static string Label(HookedTransformer model, HookName name)
    {
        var number = name.Layer.ToString(CultureInfo.InvariantCulture);
        return name.Site == Sites.ResidPre ? $"{number}_pre"
            : name.Site == Sites.ResidMid ? $"{number}_mid"
            : name.Site == Sites.ResidPost ? name.Layer == model.Config.Layers - 1 ? "final_post" : $"{number}_post"
            : name.Site == Sites.AttnOut ? $"{number}_attn_out"
            : name.Site == Sites.MlpOut ? $"{number}_mlp_out"
            : name.Site == Sites.Embed ? "embed"
            : name.Site == Sites.PosEmbed ? "pos_embed"
            : name.ToString();
    }

    private static string Of(int layer, char kind, int index) => string.Create(CultureInfo.InvariantCulture, $"L{layer}{kind}{index}");

    private static ArgumentException Narrowed(Unit unit) => new($"{unit} is a part of the residual stream's width: {Wanted}, whole.", nameof(unit));
}
