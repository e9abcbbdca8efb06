namespace Interp;

using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Matrices A·B kept as their factors: their rank is small, their product large. It owns its factors; dispose it when done.</summary>
/// <remarks>
/// Everything is computed through the factors, in float64: singular values from A = Q_A R_A and Bᵀ = Q_B R_B as those of R_A R_Bᵀ,
/// eigenvalues (other than zero) as those of B·A.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class FactoredMatrix : IDisposable
{
    /// <summary>Matrices from their factors, which become its own.</summary>
    /// <param name="a">[.., row, inner].</param>
    /// <param name="b">[.., inner, column], the leading axes equal to those of <paramref name="a"/>.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public FactoredMatrix(Tensor a, Tensor b)
    {
        var (left, right) = (a.shape, b.shape);
        if (left.Length < 2 || left.Length != right.Length || left[^1] != right[^2] || !left[..^2].SequenceEqual(right[..^2]))
            throw new ArgumentException($"Factors [{string.Join(", ", left)}] and [{string.Join(", ", right)}] do not fit: wanted [.., row, inner] and [.., inner, column].");
        (A, B) = (a, b);
    }

    /// <summary>The left factor, [.., row, inner].</summary>
    public Tensor A { get; }

    /// <summary>The right factor, [.., inner, column].</summary>
    public Tensor B { get; }

    /// <summary>The shape of the product, [.., row, column].</summary>
    public long[] Shape => [.. A.shape[..^1], B.shape[^1]];

    /// <summary>The length of the inner axis: the rank is at most this.</summary>
    public long Inner => A.shape[^1];

    private long[] Leading => A.shape[..^2];

    /// <summary>The product, [.., row, column]; the caller disposes it.</summary>
    public Tensor Product() => A.matmul(B);

    /// <summary>The transposed matrices, (A·B)ᵀ = Bᵀ·Aᵀ; the caller disposes them.</summary>
    public FactoredMatrix Transposed()
    {
        using var scope = NewDisposeScope();
        return Owned(B.transpose(-2, -1), A.transpose(-2, -1));
    }

    /// <summary>This product with another behind it, through the smaller inner axis; the caller disposes it.</summary>
    /// <param name="right">Its rows are this one's columns; its leading axes are equal or broadcast.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public FactoredMatrix Times(FactoredMatrix right)
    {
        using var scope = NewDisposeScope();
        if (B.shape[^1] != right.A.shape[^2])
            throw new ArgumentException($"[{string.Join(", ", Shape)}] has {B.shape[^1]} columns, [{string.Join(", ", right.Shape)}] has {right.A.shape[^2]} rows.", nameof(right));
        var middle = B.matmul(right.A); // [.., inner, inner of the right]
        return Inner <= right.Inner ? Owned(A, middle.matmul(right.B)) : Owned(A.matmul(middle), right.B);
    }

    /// <summary>Rows times the matrices, x·A·B; the caller disposes them.</summary>
    /// <param name="x">[.., row].</param>
    /// <returns>[.., column].</returns>
    public Tensor LeftTimes(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.matmul(A).matmul(B).MoveToOuterDisposeScope();
    }

    /// <summary>The Frobenius norm of each matrix, leading axes row-major.</summary>
    public double[] Norms()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (A.to(ScalarType.Float64), B.to(ScalarType.Float64));
        var (left, right) = (a.transpose(-2, -1).matmul(a), b.matmul(b.transpose(-2, -1))); // [.., inner, inner]
        return (left * right).sum([-2, -1]).clamp_min(0).sqrt().Doubles();
    }

    /// <summary>The singular values of each matrix, largest first: min(row, inner, column) of them.</summary>
    public double[][] SingularValues()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (_, middle, _) = Reduced();
        return [.. Small(middle).Select(SmallMatrices.SingularValues)];
    }

    /// <summary>The eigenvalues of each square matrix that can differ from zero, those of B·A, by falling magnitude: inner of them.</summary>
    /// <exception cref="InvalidOperationException">The matrices are not square.</exception>
    public Complex[][] Eigenvalues()
    {
        if (A.shape[^2] != B.shape[^1])
            throw new InvalidOperationException($"[{string.Join(", ", Shape)}]: only square matrices have eigenvalues.");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return [.. Small(B.to(ScalarType.Float64).matmul(A.to(ScalarType.Float64))).Select(SmallMatrices.Eigenvalues)];
    }

    /// <summary>The singular vectors and values: A·B = U·diag(S)·Vᵀ.</summary>
    /// <returns>U [.., row, k], S [.., k] (largest first) and V [.., column, k] in float64, k = min(row, inner, column); the caller disposes them.</returns>
    public (Tensor U, Tensor S, Tensor V) Svd()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (left, middle, right) = Reduced();
        var parts = Small(middle).Select(SmallMatrices.Svd).ToArray();
        var k = parts[0].S.Length;
        var (u, v) = (Packed(parts.SelectMany(p => p.U), middle.shape[^2], k), Packed(parts.SelectMany(p => p.V), middle.shape[^1], k));
        (u, v) = (left?.matmul(u) ?? u, right?.matmul(v) ?? v);
        return (u.to(A.device).MoveToOuterDisposeScope(), Packed(parts.SelectMany(p => p.S), k).to(A.device).MoveToOuterDisposeScope(), v.to(A.device).MoveToOuterDisposeScope());
    }

    /// <summary>Frees the factors.</summary>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"Factored matrix [{string.Join(", ", Shape)}] of inner length {Inner}";

    /// <summary>A product of tensors of the current scope, which leaves it.</summary>
    internal static FactoredMatrix Owned(Tensor a, Tensor b) => new(a.alias().DetachFromDisposeScope(), b.alias().DetachFromDisposeScope());

    private Tensor Packed(IEnumerable<double> values, params long[] shape) => tensor(values.ToArray(), [.. Leading, .. shape]);

    // A·B = left · middle · rightᵀ with orthonormal columns left and right, and a middle that is inner wide and high at most; on the CPU.
    private (Tensor? Left, Tensor Middle, Tensor? Right) Reduced()
    {
        var (left, a) = Orthogonal(A.to(ScalarType.Float64).cpu());
        var (right, b) = Orthogonal(B.to(ScalarType.Float64).cpu().transpose(-2, -1));
        return (left, a.matmul(b.transpose(-2, -1)), right);
    }

    private static (Tensor? Q, Tensor R) Orthogonal(Tensor x)
    {
        if (x.shape[^2] <= x.shape[^1])
            return (null, x);
        var (q, r) = linalg.qr(x);
        return (q, r);
    }

    private static IEnumerable<MathNet.Numerics.LinearAlgebra.Matrix<double>> Small(Tensor matrices)
    {
        var (rows, columns) = ((int)matrices.shape[^2], (int)matrices.shape[^1]);
        return matrices.Doubles().Chunk(rows * columns).Select(m => SmallMatrices.Of(m, rows, columns));
    }
}
