namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>How two arrays agree.</summary>
internal static class ArrayAgreement
{
    /// <summary>Compares in float64 on the CPU. Places where both are the same infinity agree; one that is no number on one side alone differs.</summary>
    public static SiteCheck Of(string name, Tensor ours, Tensor expected, double tolerance)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (Plain(ours), Plain(expected));
        var same = x.eq(y).logical_or(x.isnan().logical_and(y.isnan()));
        var (a, b) = (x.masked_fill(same.logical_and(x.isfinite().logical_not()), 0), y.masked_fill(same.logical_and(y.isfinite().logical_not()), 0));
        if (a.numel() == 0)
            return new SiteCheck(name, 1, 0, 0, 0, true);
        var difference = a - b;
        var (largest, scale) = (difference.abs().max().item<double>(), b.abs().max().item<double>());
        var (length, expectedLength) = (Length(a), Length(b));
        var cosine = length > 0 && expectedLength > 0 ? (a * b).sum().item<double>() / (length * expectedLength) : length == expectedLength ? 1 : 0;
        var relative = expectedLength > 0 ? Length(difference) / expectedLength : Length(difference);
        // A comparison with something that is no number is false, which is what is wanted here.
        return new SiteCheck(name, cosine, relative, largest, scale, largest <= tolerance * (scale > 0 ? scale : 1));
    }

    private static Tensor Plain(Tensor x) => x.detach().to(CPU).to(ScalarType.Float64).flatten();

    private static double Length(Tensor x) => Math.Sqrt((x * x).sum().item<double>());
}
