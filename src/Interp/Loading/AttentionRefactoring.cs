namespace Interp;

using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

/// <summary>Gives every head the basis of its own singular vectors.</summary>
/// <remarks>
/// Per head, in float64: 1. [W_Q; b_Q] [W_K; b_K]ᵀ = U S Vᵀ; queries become U √S, keys V √S. 2. W_V W_O = U S Vᵀ; W_V becomes U S, W_O becomes Vᵀ.
/// Scores and outputs stay. Source: TransformerLens's <c>refactor_factored_attn_matrices</c>. The signs of singular vectors are free.
/// </remarks>
internal static class AttentionRefactoring
{
    /// <exception cref="ArgumentException">Rotary positions, a norm over queries and keys, or grouped queries stand between the factors.</exception>
    public static void Check(TransformerConfig config)
    {
        var reason = config.Positions == PositionKind.Rotary ? "rotary positions turn queries and keys between the two matrices"
            : config.QueryKeyNorm ? "queries and keys are normalised between the two matrices"
            : config.QkvClip > 0 ? "queries, keys and values are clipped between the two matrices"
            : config.KvHeads != config.Heads ? $"{config.Heads} query heads share {config.KvHeads} key-value heads"
            : null;
        if (reason is not null)
            throw new ArgumentException($"The attention matrices of '{config.ModelName}' cannot be refactored: {reason}. Leave RefactorFactoredAttention off.", nameof(config));
    }

    /// <summary>The refactored weights, in the caller's dispose scope. Value biases must have been folded.</summary>
    public static AttentionWeights Refactor(TransformerConfig config, AttentionWeights attention)
    {
        var (heads, width) = (config.Heads, config.DHead);
        var augmented = attention.QkvBias is null ? attention.Qkv : cat([attention.Qkv, attention.QkvBias.unsqueeze(0)], 0); // [d_model (+ 1), 3 H d_head]
        var columns = ToMatrix(augmented);
        var output = ToMatrix(attention.Output);
        for (var head = 0; head < heads; head++)
        {
            RefactorScores(columns, head * width, (heads + head) * width, width);
            RefactorOutput(columns, output, (2 * heads + head) * width, head * width, config.DModel, width);
        }
        var whole = ToTensor(columns, attention.Qkv);
        var (qkv, bias) = attention.QkvBias is null
            ? (whole, null)
            : (whole.narrow(0, 0, config.DModel).contiguous(), whole.select(0, config.DModel).contiguous());
        return BlockProcessing.With(attention, qkv, bias, ToTensor(output, attention.Output), attention.OutputBias);
    }

    private static void RefactorScores(Matrix<double> columns, int queryColumn, int keyColumn, int width)
    {
        var query = columns.SubMatrix(0, columns.RowCount, queryColumn, width);
        var key = columns.SubMatrix(0, columns.RowCount, keyColumn, width);
        var (u, s, v) = Decompose(query, key);
        var root = Matrix<double>.Build.DenseOfDiagonalVector(s.PointwiseSqrt());
        columns.SetSubMatrix(0, queryColumn, u * root);
        columns.SetSubMatrix(0, keyColumn, v * root);
    }

    private static void RefactorOutput(Matrix<double> columns, Matrix<double> output, int valueColumn, int outputRow, int model, int width)
    {
        // The folded value bias is a last row of zeros and stays one.
        var value = columns.SubMatrix(0, model, valueColumn, width);
        var write = output.SubMatrix(outputRow, width, 0, model).Transpose();
        var (u, s, v) = Decompose(value, write);
        columns.SetSubMatrix(0, valueColumn, u * Matrix<double>.Build.DenseOfDiagonalVector(s));
        output.SetSubMatrix(outputRow, 0, v.Transpose());
    }

    /// <summary>Singular value decomposition of left·rightᵀ, cut or filled with zeros to the factors' width: [rows, width], [width], [rows, width].</summary>
    private static (Matrix<double> U, Vector<double> S, Matrix<double> V) Decompose(Matrix<double> left, Matrix<double> right)
    {
        var width = left.ColumnCount;
        if (left.RowCount < width)
            return Padded((left * right.Transpose()).Svd(), width);
        var (a, b) = (left.QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Thin), right.QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Thin));
        var core = (a.R * b.R.Transpose()).Svd(); // [width, width]
        return (a.Q * core.U, core.S, b.Q * core.VT.Transpose());
    }

    private static (Matrix<double> U, Vector<double> S, Matrix<double> V) Padded(MathNet.Numerics.LinearAlgebra.Factorization.Svd<double> svd, int width)
    {
        var rows = svd.U.RowCount;
        var (u, v) = (Matrix<double>.Build.Dense(rows, width), Matrix<double>.Build.Dense(rows, width));
        u.SetSubMatrix(0, 0, svd.U);
        v.SetSubMatrix(0, 0, svd.VT.Transpose());
        var s = Vector<double>.Build.Dense(width);
        s.SetSubVector(0, svd.S.Count, svd.S);
        return (u, s, v);
    }

    private static Matrix<double> ToMatrix(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var plain = tensor.to(ScalarType.Float64).cpu().contiguous();
        return Matrix<double>.Build.DenseOfRowMajor((int)plain.shape[0], (int)plain.shape[1], plain.data<double>().ToArray());
    }

    private static Tensor ToTensor(Matrix<double> matrix, Tensor like) =>
        tensor(matrix.ToRowMajorArray(), [matrix.RowCount, matrix.ColumnCount], dtype: like.dtype, device: like.device);
}
