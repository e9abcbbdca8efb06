namespace Interp;

/// <summary>What edges outside a circuit carry.</summary>
public enum CircuitAblation
{
    /// <summary>The corrupted run's value, prompt by prompt.</summary>
    Resample,

    /// <summary>Nothing.</summary>
    Zero,

    /// <summary>The mean over the corrupted prompts, position by position.</summary>
    Mean,
}
