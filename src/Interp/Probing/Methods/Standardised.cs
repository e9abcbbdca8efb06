namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Training features with each column's mean taken away and its deviation divided out, in float64.</summary>
internal sealed class Standardised
{
    private const long LargestCopy = 50_000_000; // entries of a float64 copy: 400 MB
    private readonly Tensor mean;
    private readonly Tensor scale;

    /// <summary>Standardises; the tensors belong to the caller's dispose scope.</summary>
    public Standardised(Tensor features)
    {
        var wide = features.to(ScalarType.Float64);
        (mean, scale) = Columns(wide);
        Values = (wide - mean) / scale; // [rows, features]
    }

    /// <summary>[rows, features], float64.</summary>
    public Tensor Values { get; }

    /// <summary>Features as float64 where that copy is small enough, else as they are, at least float32.</summary>
    public static Tensor Wide(Tensor features) =>
        features.dtype == ScalarType.Float64 || features.numel() <= LargestCopy ? features.to(ScalarType.Float64) : features.to(ScalarType.Float32);

    /// <summary>Mean and deviation (divided by the count) of each column; the deviation of a constant column is 1.</summary>
    public static (Tensor Mean, Tensor Deviation) Columns(Tensor wide)
    {
        var mean = wide.mean([0L]);
        var deviation = wide.var(0L, unbiased: false).sqrt();
        var constant = deviation <= mean.abs() * (wide.dtype == ScalarType.Float64 ? 1e-14 : 1e-6); // what rounding of the mean leaves
        return (mean, deviation.masked_fill(constant.logical_or(deviation == 0), 1));
    }

    /// <summary>Weights and constants for the features as they came.</summary>
    /// <param name="weights">[outputs, features], per standardised feature.</param>
    /// <param name="bias">[outputs].</param>
    public (double[] Weights, double[] Bias) FoldBack(Tensor weights, Tensor bias)
    {
        using var scope = NewDisposeScope();
        var own = weights / scale;
        return (own.Doubles(), (bias - own.matmul(mean)).Doubles());
    }
}
