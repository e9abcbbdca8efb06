using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra.</summary>
    public static partial class linalg
    {
        /// <summary>Which factors qr returns.</summary>
        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        private static readonly Op s_cholesky = new("aten::linalg_cholesky");
        private static readonly Op s_cholesky_ex = new("aten::linalg_cholesky_ex");
        private static readonly Op s_cond = new("aten::linalg_cond");
        private static readonly Op s_condNamed = new("aten::linalg_cond", "p_str");
        private static readonly Op s_cross = new("aten::linalg_cross");
        private static readonly Op s_det = new("aten::linalg_det");
        private static readonly Op s_eig = new("aten::linalg_eig");
        private static readonly Op s_eigh = new("aten::linalg_eigh");
        private static readonly Op s_eigvals = new("aten::linalg_eigvals");
        private static readonly Op s_eigvalsh = new("aten::linalg_eigvalsh");
        private static readonly Op s_inv = new("aten::linalg_inv");
        private static readonly Op s_inv_ex = new("aten::linalg_inv_ex");
        private static readonly Op s_lstsq = new("aten::linalg_lstsq");
        private static readonly Op s_lu = new("aten::linalg_lu");
        private static readonly Op s_matrix_exp = new("aten::linalg_matrix_exp");
        private static readonly Op s_multi_dot = new("aten::linalg_multi_dot");
        private static readonly Op s_qr = new("aten::linalg_qr");
        private static readonly Op s_slogdet = new("aten::linalg_slogdet");
        private static readonly Op s_solve = new("aten::linalg_solve");
        private static readonly Op s_solve_ex = new("aten::linalg_solve_ex");
        private static readonly Op s_solve_triangular = new("aten::linalg_solve_triangular");
        private static readonly Op s_svd = new("aten::linalg_svd");
        private static readonly Op s_svdvals = new("aten::linalg_svdvals");
        private static readonly Op s_vander = new("aten::linalg_vander");
        private static readonly Op s_pinv = new("aten::linalg_pinv", "atol_rtol_float");
        private static readonly Op s_matrix_rank = new("aten::linalg_matrix_rank", "atol_rtol_float");
        private static readonly Op s_householder_product = new("aten::linalg_householder_product");

        public static Tensor cholesky(Tensor input) => s_cholesky.Call(input);

        public static (Tensor L, Tensor info) cholesky_ex(Tensor input, bool check_errors = false) =>
            s_cholesky_ex.Call2(input, false, check_errors);

        public static Tensor cond(Tensor input, int p) => s_cond.Call(input, (double)p);

        public static Tensor cond(Tensor input, double p) => s_cond.Call(input, p);

        public static Tensor cond(Tensor input, string p) => s_condNamed.Call(input, p);

        public static Tensor cond(Tensor input) => s_cond.Call(input);

        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => s_cross.Call(input, other, dim);

        public static Tensor det(Tensor input) => s_det.Call(input);

        public static Tensor diagonal(Tensor input, int offset = 0, int dim1 = -2, int dim2 = -1) => input.diagonal(offset, dim1, dim2);

        public static (Tensor, Tensor) eig(Tensor input) => s_eig.Call2(input);

        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => s_eigh.Call2(input, UPLO.ToString());

        public static Tensor eigvals(Tensor input) => s_eigvals.Call(input);

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => s_eigvalsh.Call(input, UPLO.ToString());

        public static Tensor householder_product(Tensor A, Tensor tau) => s_householder_product.Call(A, tau);

        public static Tensor inv(Tensor input) => s_inv.Call(input);

        public static (Tensor L, Tensor info) inv_ex(Tensor input, bool check_errors = false) => s_inv_ex.Call2(input, check_errors);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other) =>
            s_lstsq.Call4(input, other);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other, double rcond) =>
            s_lstsq.Call4(input, other, rcond);

        public static (Tensor P, Tensor L, Tensor U) lu(Tensor input, bool pivot = true) => s_lu.Call3(input, pivot);

        public static Tensor matrix_exp(Tensor input) => s_matrix_exp.Call(input);

        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            s_matrix_rank.Call(input, atol, rtol, hermitian);

        public static Tensor multi_dot(IList<Tensor> tensors) => s_multi_dot.Call(Arg.Tensors(tensors));

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            s_pinv.Call(input, atol, rtol, hermitian);

        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) => s_qr.Call2(input, mode.ToString().ToLowerInvariant());

        public static (Tensor, Tensor) slogdet(Tensor input) => s_slogdet.Call2(input);

        public static Tensor solve(Tensor A, Tensor B, bool left = true) => s_solve.Call(A, B, left);

        public static (Tensor result, Tensor info) solve_ex(Tensor A, Tensor B, bool left = true, bool check_errors = false) =>
            s_solve_ex.Call2(A, B, left, check_errors);

        public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor? @out = null)
        {
            var result = s_solve_triangular.Call(A, B, upper, left, unitriangular);
            if (@out is null) return result;
            using (result) return @out.copy_(result);
        }

        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) => s_svd.Call3(input, fullMatrices);

        public static Tensor svdvals(Tensor input) => s_svdvals.Call(input);

        public static Tensor vander(Tensor input, long? N = null) => s_vander.Call(input, N);
    }
}
