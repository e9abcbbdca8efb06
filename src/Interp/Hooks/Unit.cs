namespace Interp;

using System.Collections.Immutable;
using System.Text;

/// <summary>A part of a model's activations: a site, at some layers, narrowed to heads, positions, neurons or pattern entries.</summary>
/// <remarks>An immutable value: <c>Z[9].Head(6)</c>, <c>ResidPre.At(Position.Last)</c>, <c>MlpPost[^1].Neuron(17)</c>.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Unit
{
    private readonly ImmutableSortedDictionary<string, Indices> axes;

    private Unit(Site site, Indices layers, ImmutableSortedDictionary<string, Indices> axes)
    {
        Site = site;
        Layers = layers;
        this.axes = axes;
    }

    /// <summary>The kind of activation.</summary>
    public Site Site { get; }

    /// <summary>The layers meant; all by default.</summary>
    public Indices Layers { get; }

    /// <summary>Whether the whole activation is meant, not a part of it.</summary>
    public bool IsWhole => axes.IsEmpty;

    /// <summary>The unit at one layer.</summary>
    public Unit this[Index layer] => AtLayers(layer);

    /// <summary>The unit at a range of layers.</summary>
    public Unit this[Range layers] => AtLayers(layers);

    /// <summary>A whole site, at all layers.</summary>
    public static implicit operator Unit(Site site) => Of(site);

    /// <summary>One named activation.</summary>
    public static implicit operator Unit(HookName name) => name.Site.PerLayer ? Of(name.Site)[name.Layer] : Of(name.Site);

    /// <summary>A whole site, at all layers.</summary>
    public static Unit Of(Site site)
    {
        ArgumentNullException.ThrowIfNull(site);
        return new Unit(site, Indices.All, ImmutableSortedDictionary<string, Indices>.Empty);
    }

    /// <summary>The unit at the given layers.</summary>
    /// <exception cref="ArgumentException">The model has the site once, not per layer.</exception>
    public Unit AtLayers(Indices layers) =>
        Site.PerLayer ? new Unit(Site, layers, axes) : throw new ArgumentException($"'{Site.Leaf}' has no layers: the model has it once.");

    /// <summary>What is selected along an axis; all by default.</summary>
    public Indices Along(string axis) => axes.GetValueOrDefault(axis);

    /// <summary>Narrows the unit along a named axis.</summary>
    /// <exception cref="ArgumentException">The site has no such axis; the message names those it has.</exception>
    public Unit Along(string axis, Indices places) =>
        Site.Axis(axis) >= 0
            ? new Unit(Site, Layers, places.IsAll ? axes.Remove(axis) : axes.SetItem(axis, places))
            : throw new ArgumentException($"{Site} has no axis '{axis}'; its axes are [{string.Join(", ", Site.Axes)}].");

    /// <summary>Narrows to attention heads: key-value heads where the site has those.</summary>
    /// <exception cref="ArgumentException">The site has no heads.</exception>
    public Unit Head(Indices heads) => Along(Site.Axis("kv_head") >= 0 ? "kv_head" : "head", heads);

    /// <summary>Narrows to positions (for a pattern: to query positions).</summary>
    /// <exception cref="ArgumentException">The site has no positions.</exception>
    public Unit At(Indices positions) => Along(Site.Axis("query") >= 0 ? "query" : "pos", positions);

    /// <summary>Narrows a pattern or its scores to destinations (queries).</summary>
    /// <exception cref="ArgumentException">The site has no query axis.</exception>
    public Unit Dest(Indices positions) => Along("query", positions);

    /// <summary>Narrows a pattern or its scores to sources (keys).</summary>
    /// <exception cref="ArgumentException">The site has no key axis.</exception>
    public Unit Source(Indices positions) => Along("key", positions);

    /// <summary>Narrows to neurons, dimensions or features: places along the last axis.</summary>
    public Unit Neuron(Indices places) => Along(Site.Axes[^1], places);

    /// <summary>The name of the axis that stands for positions in a grid: <c>pos</c>, or <c>query</c> for a pattern.</summary>
    internal string PositionAxis => Site.Axis("query") >= 0 ? "query" : "pos";

    /// <summary>The name of the head axis, or null.</summary>
    internal string? HeadAxis => Site.Axis("kv_head") >= 0 ? "kv_head" : Site.Axis("head") >= 0 ? "head" : null;

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder(Site.PerLayer ? $"blocks.{(Layers.IsAll ? "*" : Layers)}.{Site.Leaf}" : Site.Leaf);
        foreach (var (axis, places) in axes)
            text.Append(' ').Append(axis).Append(' ').Append(places);
        return text.ToString();
    }
}
