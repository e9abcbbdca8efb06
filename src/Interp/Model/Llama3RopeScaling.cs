namespace Interp;

/// <summary>Rescaling of rotary frequencies by parts, as in Llama 3.1.</summary>
/// <remarks>Wavelengths above OriginalContext/LowFrequencyFactor are stretched by Factor, those below OriginalContext/HighFrequencyFactor stay, between them the two are blended.</remarks>
/// <param name="Factor">The stretch of long wavelengths.</param>
/// <param name="LowFrequencyFactor">Sets the upper end of the blend.</param>
/// <param name="HighFrequencyFactor">Sets the lower end of the blend.</param>
/// <param name="OriginalContext">The context length of the original training.</param>
public sealed record Llama3RopeScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContext) : RopeScaling
{
    /// <inheritdoc/>
    public override double[] Frequencies(double theta, int dim, long length) => [.. Unscaled(theta, dim).Select(Scaled)];

    /// <inheritdoc/>
    public override long Regime(long length) => 0;

    private double Scaled(double frequency)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < OriginalContext / HighFrequencyFactor)
            return frequency;
        if (wavelength > OriginalContext / LowFrequencyFactor)
            return frequency / Factor;
        var blend = (OriginalContext / wavelength - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return (1 - blend) * frequency / Factor + blend * frequency;
    }
}
