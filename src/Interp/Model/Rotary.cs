namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rotates queries and keys by their positions (Su et al. 2021, eq. 34).</summary>
/// <remarks>Angles are computed in float64 and stored once per model as cos and sin tables, [n_ctx, d_rotary].</remarks>
public sealed class Rotary : IDisposable
{
    private readonly RotaryConfig config;
    private readonly long dim;
    private readonly Tensor cosines;
    private readonly Tensor sines;

    /// <summary>The tables for a model.</summary>
    /// <param name="config">How to rotate.</param>
    /// <param name="dHead">Width of a head.</param>
    /// <param name="context">Longest sequence.</param>
    /// <param name="like">Gives dtype and device.</param>
    public Rotary(RotaryConfig config, int dHead, int context, Tensor like)
    {
        this.config = config;
        dim = config.Dim(dHead);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var frequencies = tensor(Frequencies(config, (int)dim), dtype: ScalarType.Float64); // [dim / 2]
        var angles = arange(context, dtype: ScalarType.Float64).unsqueeze(-1) * frequencies; // [pos, dim / 2]
        angles = config.AdjacentPairs ? angles.repeat_interleave(2, -1) : cat([angles, angles], -1); // [pos, dim]
        var wide = like.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        cosines = angles.cos().to(wide, like.device).DetachFromDisposeScope();
        sines = angles.sin().to(wide, like.device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cosines.Dispose();
        sines.Dispose();
    }

    /// <summary>Rotates the first dimensions of each head.</summary>
    /// <param name="x">[batch, pos, head, d_head].</param>
    /// <param name="start">The position of the first column, when they count up.</param>
    /// <param name="positions">Each token's position, [batch, pos], or null when they count up from <paramref name="start"/>.</param>
    /// <returns>The same shape.</returns>
    public Tensor Apply(Tensor x, long start, Tensor? positions)
    {
        using var scope = NewDisposeScope();
        var (cos, sin) = positions is null
            ? (cosines.narrow(0, start, x.shape[1]).unsqueeze(1), sines.narrow(0, start, x.shape[1]).unsqueeze(1)) // [pos, 1, dim]
            : (cosines[positions].unsqueeze(2), sines[positions].unsqueeze(2)); // [batch, pos, 1, dim]
        var whole = dim == x.shape[^1];
        var turning = (whole ? x : x.narrow(-1, 0, dim)).to(cos.dtype);
        var turned = (turning * cos + Quarter(turning) * sin).to(x.dtype);
        var result = whole ? turned : cat([turned, x.narrow(-1, dim, x.shape[^1] - dim)], -1);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Radians per position of each pair of dimensions.</summary>
    internal static double[] Frequencies(RotaryConfig config, int dim)
    {
        var frequencies = new double[dim / 2];
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] = Scaled(Math.Pow(config.Base, -2.0 * i / dim), config.Llama3Scaling);
        return frequencies;
    }

    private static double Scaled(double frequency, Llama3RopeScaling? scaling)
    {
        if (scaling is null)
            return frequency;
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < scaling.OriginalContext / scaling.HighFrequencyFactor)
            return frequency;
        if (wavelength > scaling.OriginalContext / scaling.LowFrequencyFactor)
            return frequency / scaling.Factor;
        var blend = (scaling.OriginalContext / wavelength - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return (1 - blend) * frequency / scaling.Factor + blend * frequency;
    }

    // The other member of each pair, the first with its sign turned: a rotation by a quarter.
    private Tensor Quarter(Tensor x)
    {
        if (!config.AdjacentPairs)
            return cat([-x.narrow(-1, dim / 2, dim / 2), x.narrow(-1, 0, dim / 2)], -1);
        var pairs = x.unflatten(-1, [dim / 2, 2]); // [.., pair, 2]
        return stack([-pairs.select(-1, 1), pairs.select(-1, 0)], -1).flatten(-2);
    }
}
