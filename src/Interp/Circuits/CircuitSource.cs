namespace Interp;

/// <summary>A node that writes to the residual stream. Prints as the field writes it: <c>input</c>, <c>a3.h1</c>, <c>m3</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">The block; -1 for the input.</param>
/// <param name="Head">The head; -1 for other nodes.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public readonly record struct CircuitSource(CircuitNodeKind Kind, int Layer = -1, int Head = -1)
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        CircuitNodeKind.Input => "input",
        CircuitNodeKind.Head => $"a{Layer}.h{Head}",
        CircuitNodeKind.Mlp => $"m{Layer}",
        _ => "logits",
    };
}
