namespace Interp;

/// <summary>A change of a rotary embedding's frequencies, by which a model reads longer texts than those it was first trained on.</summary>
public abstract record RopeScaling
{
    /// <summary>What cosines and sines are multiplied by; scores grow by its square.</summary>
    public double Amplitude { get; init; } = 1;

    /// <summary>Radians per position of each pair of dimensions.</summary>
    /// <param name="theta">The base of the wavelengths.</param>
    /// <param name="dim">How many dimensions turn.</param>
    /// <param name="length">How many positions the text has so far.</param>
    /// <returns>dim / 2 frequencies.</returns>
    public abstract double[] Frequencies(double theta, int dim, long length);

    /// <summary>A number that lengths with the same frequencies share.</summary>
    /// <param name="length">How many positions the text has so far.</param>
    public abstract long Regime(long length);

    /// <summary>Whether some texts have other frequencies because they are long.</summary>
    internal bool DependsOnLength => Regime(0) != Regime(int.MaxValue);

    /// <summary>The frequencies without scaling, theta^(-2i/dim).</summary>
    internal static double[] Unscaled(double theta, int dim) =>
        [.. Enumerable.Range(0, dim / 2).Select(i => Math.Pow(theta, -2.0 * i / dim))];
}
