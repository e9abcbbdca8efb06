namespace Interp;

/// <summary>Names for places along the <c>pos</c> axis that are not plain numbers.</summary>
public static class Position
{
    /// <summary>Every position.</summary>
    public static Indices All => Indices.All;

    /// <summary>Each row's last real token: padding on the right does not count.</summary>
    public static Indices Last => Indices.LastReal;

    /// <summary>The tokens of a named span of each prompt.</summary>
    public static Indices Role(string name) => Indices.OfRole(name);
}
