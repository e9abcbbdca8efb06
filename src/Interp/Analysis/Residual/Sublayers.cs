namespace Interp;

/// <summary>Which sublayers' outputs a decomposition of the residual stream lists.</summary>
public enum Sublayers
{
    /// <summary>Attention and MLP.</summary>
    All,

    /// <summary>Attention only.</summary>
    Attention,

    /// <summary>MLP only.</summary>
    Mlp,
}
