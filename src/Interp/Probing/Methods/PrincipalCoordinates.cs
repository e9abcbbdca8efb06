namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>
/// Rows in the coordinates of their own principal axes, F = U diag(sqrt(l)), with F'F = diag(l) and F F' = X X': a penalty on the length of the
/// weights is the same there, and there are at most as many coordinates as rows.
/// </summary>
internal sealed class PrincipalCoordinates
{
    private const double Negligible = 1e-12;
    private readonly Tensor toWeights;

    private PrincipalCoordinates(Tensor values, Tensor powers, Tensor toWeights) => (Values, Powers, this.toWeights) = (values, powers, toWeights);

    /// <summary>[rows, rank].</summary>
    public Tensor Values { get; }

    /// <summary>The sum of squares of each coordinate, [rank].</summary>
    public Tensor Powers { get; }

    /// <summary>From X, [rows, features], float64, through the smaller of X X' and X'X; the tensors belong to the caller's dispose scope.</summary>
    public static PrincipalCoordinates Of(Tensor x)
    {
        var dual = x.shape[1] > x.shape[0];
        var (powers, vectors) = SymmetricEigen(dual ? x.matmul(x.t()) : x.t().matmul(x));
        var kept = (powers > powers.max().clamp_min(double.Epsilon) * Negligible).nonzero().flatten();
        (powers, vectors) = (powers.index_select(0, kept), vectors.index_select(1, kept));
        var roots = powers.sqrt();
        return dual
            ? new(vectors * roots, powers, x.t().matmul(vectors / roots)) // X'U / sqrt(l): [features, rank]
            : new(x.matmul(vectors), powers, vectors);
    }

    /// <summary>Weights of the coordinates as weights of the features, [outputs, features].</summary>
    public Tensor Weights(Tensor ofCoordinates) => ofCoordinates.matmul(toWeights.t());

    // Small matrices through MathNet, as everywhere; larger ones by LAPACK, on the device where they are.
    private static (Tensor Values, Tensor Vectors) SymmetricEigen(Tensor matrix)
    {
        var size = (int)matrix.shape[0];
        if (size > 96 || matrix.device.type != DeviceType.CPU)
            return linalg.eigh(matrix);
        var (values, vectors) = SmallMatrices.SymmetricEigen(SmallMatrices.Of(matrix.Doubles(), size, size));
        return (tensor(values), tensor(vectors, [size, size]));
    }
}
