namespace Interp;

/// <summary>An input of a node that reads the residual stream: <c>a3.h1&lt;q&gt;</c>, <c>m3</c>, <c>logits</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">The block; the number of blocks for the logits.</param>
/// <param name="Head">The head (for keys and values the key-value head); -1 for other nodes.</param>
/// <param name="Input">Which input of the head.</param>
public readonly record struct CircuitTarget(CircuitNodeKind Kind, int Layer, int Head = -1, HeadInput Input = HeadInput.None)
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        CircuitNodeKind.Head => $"a{Layer}.h{Head}<{"-qkv"[(int)Input]}>",
        CircuitNodeKind.Mlp => $"m{Layer}",
        _ => "logits",
    };
}
