namespace Interp;

/// <summary>The base of the wavelengths grows with the text, once that is longer than the original context ("dynamic NTK").</summary>
/// <remarks>
/// theta · (Factor · length / OriginalContext - (Factor - 1))^(dim / (dim - 2)). Source: Hugging Face's <c>dynamic</c> rope; here a text's
/// frequencies follow from its own length alone, also where it is read in parts.
/// </remarks>
/// <param name="Factor">The stretch.</param>
/// <param name="OriginalContext">The context length of the original training.</param>
public sealed record DynamicRopeScaling(double Factor, int OriginalContext) : RopeScaling
{
    /// <inheritdoc/>
    public override double[] Frequencies(double theta, int dim, long length)
    {
        var growth = Factor * Math.Max(length, OriginalContext) / OriginalContext - (Factor - 1);
        return Unscaled(theta * Math.Pow(growth, dim / (dim - 2.0)), dim);
    }

    /// <inheritdoc/>
    public override long Regime(long length) => Math.Max(length, OriginalContext);
}
