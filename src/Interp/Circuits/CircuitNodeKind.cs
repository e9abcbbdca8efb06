namespace Interp;

/// <summary>What stands for one node of a circuit.</summary>
public enum CircuitNodeKind
{
    /// <summary>The token embedding.</summary>
    Input,

    /// <summary>An attention head.</summary>
    Head,

    /// <summary>An MLP.</summary>
    Mlp,

    /// <summary>The logits.</summary>
    Logits,
}
