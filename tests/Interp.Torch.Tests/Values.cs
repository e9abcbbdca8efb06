using Shouldly;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

/// <summary>Comparing tensors with numbers.</summary>
internal static class Values
{
    internal static void ShouldHold(this Tensor t, params double[] expected)
    {
        using var wide = t.to(float64);
        var own = wide.data<double>().ToArray();
        own.Length.ShouldBe(expected.Length);
        for (var k = 0; k < own.Length; k++)
        {
            if (double.IsFinite(expected[k])) own[k].ShouldBe(expected[k], 1e-6 * Math.Max(1, Math.Abs(expected[k])), $"element {k}");
            else own[k].ShouldBe(expected[k], $"element {k}");
        }
    }

    internal static void ShouldHaveShape(this Tensor t, params long[] shape) => t.shape.ShouldBe(shape);

    internal static void ShouldEqual(this Tensor t, Tensor other, double tolerance = 1e-9)
    {
        t.shape.ShouldBe(other.shape);
        using var difference = (t.to(float64) - other.to(float64)).abs().max();
        difference.item<double>().ShouldBeLessThan(tolerance);
    }
}
