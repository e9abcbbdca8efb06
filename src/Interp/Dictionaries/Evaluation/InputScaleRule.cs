namespace Interp;

/// <summary>What activations are scaled to before a dictionary is trained on them.</summary>
public enum InputScaleRule
{
    /// <summary>Mean length √d: the scale is √d / mean |x| (SAELens, <c>expected_average_only_in</c>).</summary>
    MeanLength,

    /// <summary>Mean square length 1: the scale is 1 / √(mean |x|²) (dictionary_learning).</summary>
    MeanSquare,
}
