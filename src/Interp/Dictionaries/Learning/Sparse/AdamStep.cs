namespace Interp;

/// <summary>The numbers of one step of Adam.</summary>
/// <param name="Clip">What gradients are multiplied by first.</param>
/// <param name="Beta1">Decay of the means.</param>
/// <param name="Rest1">1 - β1.</param>
/// <param name="Beta2">Decay of the squares.</param>
/// <param name="Rest2">1 - β2.</param>
/// <param name="Root">1 / √(1 - β2^t).</param>
/// <param name="Rate">-rate / (1 - β1^t).</param>
/// <param name="Epsilon">Added to the root.</param>
internal readonly record struct AdamStep(float Clip, float Beta1, float Rest1, float Beta2, float Rest2, float Root, float Rate, float Epsilon)
{
    public static AdamStep At(int steps, DictionaryTrainingOptions options, double clip, double rate) => new(
        (float)clip, (float)options.Beta1, (float)(1 - options.Beta1), (float)options.Beta2, (float)(1 - options.Beta2),
        (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, steps))), (float)(-rate / (1 - Math.Pow(options.Beta1, steps))), (float)AdamW.Epsilon);
}
