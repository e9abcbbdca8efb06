namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Parts of the residual stream, one row for each component. It owns its values; dispose it when done.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ResidualStack : IDisposable
{
    private readonly Dictionary<string, int> places;

    internal ResidualStack(ActivationCache cache, Tensor values, IReadOnlyList<string> labels, RowNorm norm, Indices positions)
    {
        (Cache, Values, Labels, Norm, Positions) = (cache, values, labels, norm, positions);
        places = labels.Select((label, place) => (label, place)).ToDictionary(e => e.label, e => e.place);
    }

    /// <summary>
    /// The rows, [component, batch, pos, d_model]; [component, batch, pos, direction] when they were projected while they were made.
    /// </summary>
    public Tensor Values { get; }

    /// <summary>The components: <c>embed</c>, <c>0_attn_out</c>, <c>L3H5</c>, <c>L3N17</c>, <c>bias</c>, <c>remainder</c>, ...</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Which norm has been applied to the rows.</summary>
    public RowNorm Norm { get; }

    /// <summary>Which positions of the run the rows hold.</summary>
    public Indices Positions { get; }

    internal ActivationCache Cache { get; }

    /// <summary>One component, [batch, pos, d_model]: a view, which the caller disposes.</summary>
    /// <exception cref="KeyNotFoundException">There is no such component; the message shows some there are.</exception>
    public Tensor this[string label] => Values.select(0, PlaceOf(label));

    /// <summary>The sum of all components, [batch, pos, d_model]; the caller disposes it.</summary>
    public Tensor Sum() => Values.sum(dim: 0);

    /// <summary>Some of the components, in the given order.</summary>
    /// <returns>A copy, which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">There is no such component.</exception>
    public ResidualStack Slice(params IEnumerable<string> labels)
    {
        string[] chosen = [.. labels];
        using var scope = NewDisposeScope();
        var index = tensor(chosen.Select(l => (long)PlaceOf(l)).ToArray(), device: Values.device);
        return new ResidualStack(Cache, Values.index_select(0, index).MoveToOuterDisposeScope(), chosen, Norm, Positions);
    }

    /// <summary>The components that a test of their label lets through.</summary>
    /// <returns>A copy, which the caller disposes.</returns>
    public ResidualStack Where(Func<string, bool> keep) => Slice(Labels.Where(keep));

    /// <summary>Each component's product with a direction, [component, prompt, pos].</summary>
    /// <param name="direction">[d_model] for all prompts, [batch, d_model] for each, or [batch, pos, d_model].</param>
    /// <param name="quantity">What the products are.</param>
    /// <exception cref="ArgumentException">The direction has another shape.</exception>
    public LabelledArray Project(Tensor direction, string quantity = "projection")
    {
        using var scope = NewDisposeScope();
        return Labelled(Projected(direction), quantity);
    }

    /// <summary>The length of each component, [component, prompt, pos].</summary>
    public LabelledArray Norms()
    {
        using var scope = NewDisposeScope();
        return Labelled(Values.square().sum(-1).sqrt(), "norm");
    }

    /// <summary>The numbers, [component, prompt, pos, d_model]: for small stacks, or for rows that were projected.</summary>
    public LabelledArray ToLabelledArray() =>
        new([.. Axes(Values), new Axis("d_model", (int)Values.shape[3])], Values.Doubles(), "residual stream", Provenance);

    /// <summary>Frees the values.</summary>
    public void Dispose() => Values.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"{Labels.Count} components [{string.Join(", ", Values.shape)}], norm {Norm}";

    internal Tensor Projected(Tensor direction)
    {
        var shape = new Shape().Bind(Values, "component batch pos d_model", "the stack");
        return direction.dim() switch
        {
            1 => Bound(shape, direction, "d_model").matmul(direction),
            2 => einsum("cbpd,bd->cbp", Bound(shape, direction, "batch d_model"), direction),
            _ => einsum("cbpd,bpd->cbp", Bound(shape, direction, "batch pos d_model"), direction),
        };
    }

    internal LabelledArray Labelled(Tensor values, string quantity) => new(Axes(values), values.Doubles(), quantity, Provenance);

    private Provenance Provenance => new() { Model = Cache.Model.Config.ModelName, Method = "residual decomposition" };

    private Tensor Bound(Shape shape, Tensor direction, string axes)
    {
        shape.Bind(direction, axes, nameof(direction));
        return Values;
    }

    private Axis[] Axes(Tensor values) =>
        [new Axis("component", Labels), CachedStream.Prompts(values.shape[1]), CachedStream.Places(Cache, Positions, values.shape[2])];

    private int PlaceOf(string label) => places.TryGetValue(label, out var place)
        ? place
        : throw new KeyNotFoundException($"No component '{label}' among {Labels.Count}: {string.Join(", ", Labels.Take(8))}{(Labels.Count > 8 ? ", ..." : "")}.");
}
