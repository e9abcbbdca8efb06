namespace Interp;

using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

/// <summary>float64 decompositions of matrices of some hundred rows, through MathNet.</summary>
internal static class SmallMatrices
{
    /// <summary>A matrix from row-major values.</summary>
    public static Matrix<double> Of(double[] values, int rows, int columns) => Matrix<double>.Build.DenseOfRowMajor(rows, columns, values);

    /// <summary>Singular values, largest first.</summary>
    public static double[] SingularValues(Matrix<double> matrix) => [.. matrix.Svd(computeVectors: false).S];

    /// <summary>U diag(S) Vᵀ with as many columns as singular values; U and V row-major.</summary>
    public static (double[] U, double[] S, double[] V) Svd(Matrix<double> matrix)
    {
        var svd = matrix.Svd();
        var k = svd.S.Count;
        return (svd.U.SubMatrix(0, matrix.RowCount, 0, k).ToRowMajorArray(), [.. svd.S],
            svd.VT.SubMatrix(0, k, 0, matrix.ColumnCount).Transpose().ToRowMajorArray());
    }

    /// <summary>Eigenvalues of a symmetric matrix, ascending, and its eigenvectors as columns, row-major.</summary>
    public static (double[] Values, double[] Vectors) SymmetricEigen(Matrix<double> symmetric)
    {
        var evd = symmetric.Evd(Symmetricity.Symmetric);
        return ([.. evd.EigenValues.Select(l => l.Real)], evd.EigenVectors.ToRowMajorArray());
    }

    /// <summary>Eigenvalues by falling magnitude.</summary>
    public static Complex[] Eigenvalues(Matrix<double> square) => [.. square.Evd(Symmetricity.Unknown).EigenValues.OrderByDescending(l => l.Magnitude)];
}
