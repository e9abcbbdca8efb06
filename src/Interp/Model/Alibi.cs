namespace Interp;

/// <summary>Attention with linear biases (Press et al. 2021, arXiv 2108.12409): each head's scores fall with the distance to the key.</summary>
internal static class Alibi
{
    /// <summary>How much each head's scores fall per position.</summary>
    /// <remarks>
    /// For a power of two, the powers of 2^(-8/heads). Else those of the next smaller power of two, then every other one of the next larger
    /// power's, as the paper's code has it.
    /// </remarks>
    public static double[] Slopes(int heads)
    {
        var whole = 1;
        while (2 * whole <= heads)
            whole *= 2;
        double Slope(int count, int power) => Math.Pow(2, -8.0 * power / count);
        return
        [
            .. Enumerable.Range(1, whole).Select(i => Slope(whole, i)),
            .. Enumerable.Range(0, heads - whole).Select(i => Slope(2 * whole, 2 * i + 1)),
        ];
    }
}
