namespace Interp;

using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

/// <summary>float64 linear algebra of matrices up to some thousand rows, through MathNet.</summary>
internal static class SmallMatrices
{
    /// <summary>A matrix from row-major values.</summary>
    public static Matrix<double> Of(ReadOnlySpan<double> values, int rows, int columns) =>
        Matrix<double>.Build.DenseOfRowMajor(rows, columns, values.ToArray());

    /// <summary>Singular values of a·b, largest first, min(rows, inner, columns) of them.</summary>
    public static double[] SingularValues(Matrix<double> a, Matrix<double> b)
    {
        var (_, left) = Orthogonal(a);
        var (_, right) = Orthogonal(b.Transpose());
        return [.. (left * right.Transpose()).Svd(computeVectors: false).S];
    }

    /// <summary>a·b = U diag(S) Vᵀ, U and V row-major.</summary>
    public static (double[] U, double[] S, double[] V) Svd(Matrix<double> a, Matrix<double> b)
    {
        var (q, left) = Orthogonal(a);
        var (p, right) = Orthogonal(b.Transpose());
        var middle = (left * right.Transpose()).Svd();
        var k = middle.S.Count;
        var (u, v) = (middle.U.SubMatrix(0, middle.U.RowCount, 0, k), middle.VT.SubMatrix(0, k, 0, middle.VT.ColumnCount).Transpose());
        return ((q is null ? u : q * u).ToRowMajorArray(), [.. middle.S], (p is null ? v : p * v).ToRowMajorArray());
    }

    /// <summary>Eigenvalues by falling magnitude.</summary>
    public static Complex[] Eigenvalues(Matrix<double> square) => [.. square.Evd(Symmetricity.Unknown).EigenValues.OrderByDescending(l => l.Magnitude)];

    // A tall matrix as orthonormal columns times a small square; a wide one stays as it is.
    private static (Matrix<double>? Q, Matrix<double> R) Orthogonal(Matrix<double> x)
    {
        if (x.RowCount <= x.ColumnCount)
            return (null, x);
        var qr = x.QR(QRMethod.Thin);
        return (qr.Q, qr.R);
    }
}
