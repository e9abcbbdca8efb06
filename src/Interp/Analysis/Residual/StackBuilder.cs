namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Gathers components of the residual stream into a stack.</summary>
/// <remarks>
/// 1. Components are added as rows [component, batch, place, d_model]. 2. With directions to project on, each is projected as it is added,
/// onto directions that already hold the norm's gain and centring: the full-width rows of thousands of neurons are never made.
/// 3. At the end the norm (or what is left of it, its scale) is applied to all rows at once.
/// </remarks>
internal sealed class StackBuilder
{
    private readonly ActivationCache cache;
    private readonly Indices positions;
    private readonly ReaderNorm reader;
    private readonly RowNorm norm;
    private readonly Tensor? directions;
    private readonly List<Tensor> rows = [];
    private readonly List<string> labels = [];

    /// <param name="cache">What was captured.</param>
    /// <param name="reader">The norm of whoever reads the stream.</param>
    /// <param name="norm">How it is applied.</param>
    /// <param name="positions">Where.</param>
    /// <param name="projectOnto">[d_model, direction], or null.</param>
    public StackBuilder(ActivationCache cache, ReaderNorm reader, RowNorm norm, Indices positions, Tensor? projectOnto = null)
    {
        (this.cache, this.reader, this.norm, this.positions) = (cache, reader, norm, positions);
        if (projectOnto is null)
            return;
        Shape.Check(projectOnto, $"{Model.Config.DModel} direction", nameof(projectOnto));
        directions = reader.Prepare(projectOnto.t(), norm).t(); // [d_model, direction]
    }

    private HookedTransformer Model => cache.Model;

    /// <summary>Adds an activation that is one component.</summary>
    public void Add(HookName name, string label) => Add(CachedStream.At(cache, name, positions).unsqueeze(0), [label]);

    /// <summary>Adds components, [component, batch, place, d_model].</summary>
    public void Add(Tensor components, IEnumerable<string> names) => Put(directions is null ? components : matmul(components, directions), names);

    /// <summary>Adds what no component writes: [d_model], or [1, batch, place, d_model].</summary>
    public void AddConstant(Tensor constant, string label) => Add(constant.expand([1, .. Extent(), constant.shape[^1]]), [label]);

    /// <summary>Adds what each head of a layer writes, z·W_O.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="writer">The norm behind the sublayer that rows pass, or null.</param>
    public void AddHeads(int layer, WriterNorm? writer = null)
    {
        using var scope = NewDisposeScope();
        var output = Model.WO(layer); // [head, d_head, d_model]
        var rows = Passed(writer, HeadProducts(cache, layer, positions, Onto(output, writer)));
        Put(rows.MoveToOuterDisposeScope(), Enumerable.Range(0, Model.Config.Heads).Select(head => $"L{layer}H{head}"));
    }

    /// <summary>Adds what neurons of a layer write: activation times the neuron's row of W_out.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="neurons">Which.</param>
    /// <param name="writer">The norm behind the sublayer that rows pass, or null.</param>
    public void AddNeurons(int layer, Indices neurons, WriterNorm? writer = null)
    {
        using var scope = NewDisposeScope();
        var chosen = neurons.Resolve(Model.Config.DMlp, "d_mlp");
        var (post, output) = (CachedStream.At(cache, new HookName(Sites.MlpPost, layer), positions), Model.WOut(layer));
        if (!neurons.IsAll)
        {
            var index = tensor(chosen.Select(n => (long)n).ToArray(), device: post.device);
            (post, output) = (post.index_select(-1, index), output.index_select(0, index));
        }
        var written = Onto(output, writer); // [neuron, d_model or direction]
        var rows = Passed(writer, post.permute(2, 0, 1).unsqueeze(-1) * written.unsqueeze(1).unsqueeze(1)); // [neuron, batch, place, d_model or direction]
        Put(rows.MoveToOuterDisposeScope(), chosen.Select(neuron => $"L{layer}N{neuron}"));
    }

    /// <summary>Adds what an activation holds beyond the components so far.</summary>
    public void AddRemainder(HookName whole)
    {
        using var scope = NewDisposeScope();
        var all = CachedStream.At(cache, whole, positions).unsqueeze(0); // [1, batch, place, d_model]
        var rest = directions is null ? all : matmul(all, directions);
        foreach (var part in rows)
            rest = rest - part.sum(0, keepdim: true);
        Put(rest.MoveToOuterDisposeScope(), ["remainder"]);
    }

    /// <summary>The stack; the caller of the public method owns it.</summary>
    public ResidualStack Build()
    {
        if (rows.Count == 0)
            throw new ArgumentException("The decomposition has no components: there is no layer before layer 0, and embeddings are left out.");
        using var scope = NewDisposeScope();
        var all = cat(rows, 0); // [component, batch, place, d_model or direction]
        if (directions is null)
            all = reader.Apply(all, norm, positions);
        else if (norm != RowNorm.None && reader.ScaleOrNone(positions) is { } scale)
            all = all / scale;
        return new ResidualStack(cache, all.DetachFromDisposeScope(), labels, norm, positions);
    }

    /// <summary>z times per-head matrices.</summary>
    /// <param name="cache">What was captured.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="positions">Where.</param>
    /// <param name="matrices">[head, d_head, width].</param>
    /// <returns>[head, batch, place, width].</returns>
    internal static Tensor HeadProducts(ActivationCache cache, int layer, Indices positions, Tensor matrices)
    {
        using var scope = NewDisposeScope();
        var z = CachedStream.At(cache, new HookName(Sites.Z, layer), positions).permute(2, 0, 1, 3); // [head, batch, place, d_head]
        var (heads, batch, places, width) = (z.shape[0], z.shape[1], z.shape[2], z.shape[3]);
        return bmm(z.reshape(heads, batch * places, width), matrices).view(heads, batch, places, -1).MoveToOuterDisposeScope();
    }

    // Matrices that write rows, projected where there are directions.
    private Tensor Onto(Tensor output, WriterNorm? writer) =>
        directions is null ? output : matmul(output, writer is null ? directions : writer.Prepare(directions.t()).t());

    // Rows behind the norm of their sublayer; projected ones have had all of it but its scale.
    private Tensor Passed(WriterNorm? writer, Tensor rows) =>
        writer is null ? rows : directions is null ? writer.Apply(rows, positions) : rows / writer.Scale(positions);

    private long[] Extent() =>
        rows.Count > 0 ? [rows[0].shape[1], rows[0].shape[2]] : throw new InvalidOperationException("A constant cannot be the first component of a stack.");

    private void Put(Tensor components, IEnumerable<string> names)
    {
        rows.Add(components);
        labels.AddRange(names);
    }
}
