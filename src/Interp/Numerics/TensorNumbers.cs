namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Tensors as plain numbers, at the boundary to labelled arrays and to MathNet.</summary>
internal static class TensorNumbers
{
    /// <summary>All values in row-major order, as float64.</summary>
    public static double[] Doubles(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }
}
