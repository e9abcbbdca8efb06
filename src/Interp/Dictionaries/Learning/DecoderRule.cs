namespace Interp;

/// <summary>What is done to keep decoder rows at length one.</summary>
public enum DecoderRule
{
    /// <summary>Nothing.</summary>
    Free,

    /// <summary>Gradients along a row are removed and rows are divided by their length after the step.</summary>
    UnitNorm,

    /// <summary>As <see cref="UnitNorm"/> with dictionary_learning's small constants: row / (length + 1e-6) in the projection, + ε of the type after the step.</summary>
    GuardedUnitNorm,
}
