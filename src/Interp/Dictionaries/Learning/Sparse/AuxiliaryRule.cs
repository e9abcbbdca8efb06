namespace Interp;

/// <summary>How a recipe revives dead latents: |ê - (x - x̂)|² times a factor, ê from the largest dead latents of each row.</summary>
/// <param name="Positive">Whether latents are rectified.</param>
/// <param name="Bias">Whether ê has the decoder bias.</param>
/// <param name="Encoder">Whether the encoder learns from it.</param>
/// <param name="Factor">On the sum over the batch.</param>
internal readonly record struct AuxiliaryRule(bool Positive, bool Bias, bool Encoder, double Factor)
{
    /// <summary>The rule of a recipe.</summary>
    /// <param name="options">Recipe and strength.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="share">Dead latents over d_in / 2.</param>
    /// <param name="variance">The batch's summed variance.</param>
    /// <param name="residual">The summed variance of what is not explained.</param>
    public static AuxiliaryRule Of(DictionaryTrainingOptions options, long rows, double share, double variance, double residual) => options.Recipe switch
    {
        DictionaryRecipe.SaeLens => new(false, true, true, options.Auxiliary * Math.Min(share, 1) / rows),
        DictionaryRecipe.DictionaryLearning => new(true, false, true, residual > 0 ? options.Auxiliary / residual : 0),
        DictionaryRecipe.Sparsify => new(true, true, false, options.Auxiliary * Math.Min(share, 1) / variance),
        _ => new(true, false, true, options.Auxiliary / variance),
    };
}
