namespace Interp;

/// <summary>An input of a node that reads the residual stream: <c>a3.h1&lt;q&gt;</c>, <c>m3</c>, <c>logits</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">The block; the number of blocks for the logits.</param>
/// <param name="Head">The head (for keys and values the key-value head); -1 for other nodes.</param>
/// <param name="Input">Which input of the head.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public readonly record struct CircuitTarget(CircuitNodeKind Kind, int Layer, int Head = -1, HeadInput Input = HeadInput.None)
{
    /// <summary>The stream that the target reads, the same for all targets of a group.</summary>
    internal Unit StreamRead => Kind switch
    {
        CircuitNodeKind.Logits => Sites.ResidPost[Layer - 1],
        CircuitNodeKind.Mlp => Sites.MlpIn[Layer],
        _ => Sites.ResidPre[Layer],
    };

    /// <summary>Where the target's own input can be changed; whole, for all targets of a group.</summary>
    internal Unit InputRead => Kind switch
    {
        CircuitNodeKind.Head => (Input switch { HeadInput.Query => Sites.QInput, HeadInput.Key => Sites.KInput, _ => Sites.VInput })[Layer],
        _ => StreamRead,
    };

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        CircuitNodeKind.Head => $"a{Layer}.h{Head}<{"-qkv"[(int)Input]}>",
        CircuitNodeKind.Mlp => $"m{Layer}",
        _ => "logits",
    };
}
