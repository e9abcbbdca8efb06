namespace Interp;

/// <summary>Which of a target's sources ACDC visits first. The circuit depends on it.</summary>
public enum AcdcOrder
{
    /// <summary>The last layer's sources first, as the original does.</summary>
    LatestSourcesFirst,

    /// <summary>The input first.</summary>
    EarliestSourcesFirst,
}
