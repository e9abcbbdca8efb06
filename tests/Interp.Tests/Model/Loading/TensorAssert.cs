namespace Interp.Tests.Model.Loading;

using Shouldly;
using static TorchSharp.torch;

/// <summary>Comparisons of tensors with stored arrays.</summary>
internal static class TensorAssert
{
    /// <summary>A tensor's elements in float64, row-major.</summary>
    public static double[] Doubles(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    /// <summary>Same shape and bits as stored.</summary>
    public static void ShouldEqualExactly(this Tensor tensor, SafetensorsFile file, string name)
    {
        tensor.shape.ShouldBe([.. file.Entry(name).Shape], name);
        Doubles(tensor).ShouldBe(file.ReadDoubles(name), name);
    }

    /// <summary>max |difference| / max |stored value|; an all-zero array must be below 1e-12 absolutely.</summary>
    public static double RelativeDifference(this Tensor tensor, SafetensorsFile file, string name)
    {
        tensor.shape.ShouldBe([.. file.Entry(name).Shape], name);
        var (ours, stored) = (Doubles(tensor), file.ReadDoubles(name));
        var (difference, scale) = (0d, 0d);
        for (var i = 0; i < stored.Length; i++)
            (difference, scale) = (Math.Max(difference, Math.Abs(ours[i] - stored[i])), Math.Max(scale, Math.Abs(stored[i])));
        if (scale > 0)
            return difference / scale;
        difference.ShouldBeLessThan(1e-12, name);
        return 0;
    }
}
