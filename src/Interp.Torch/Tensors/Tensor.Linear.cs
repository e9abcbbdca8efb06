using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Products and matrices.
    public partial class Tensor
    {
        private static readonly Op s_addbmm = new("aten::addbmm");
        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            s_addbmm.Call(this, batch1, batch2, beta, alpha);

        private static readonly Op s_addbmm_ = new("aten::addbmm_");
        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            s_addbmm_.InPlace(this, this, batch1, batch2, beta, alpha);

        private static readonly Op s_addmm = new("aten::addmm");
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => s_addmm.Call(this, mat1, mat2, beta, alpha);

        private static readonly Op s_addmm_ = new("aten::addmm_");
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            s_addmm_.InPlace(this, this, mat1, mat2, beta, alpha);

        private static readonly Op s_addmv = new("aten::addmv");
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => s_addmv.Call(this, mat, vec, beta, alpha);

        private static readonly Op s_addmv_ = new("aten::addmv_");
        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            s_addmv_.InPlace(this, this, mat, vec, beta, alpha);

        private static readonly Op s_addr = new("aten::addr");
        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) => s_addr.Call(this, vec1, vec2, beta, alpha);

        private static readonly Op s_addr_ = new("aten::addr_");
        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
            s_addr_.InPlace(this, this, vec1, vec2, beta, alpha);

        private static readonly Op s_adjoint = new("aten::adjoint");
        public Tensor adjoint() => s_adjoint.Call(this);

        private static readonly Op s_baddbmm = new("aten::baddbmm");
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            s_baddbmm.Call(this, batch1, batch2, beta, alpha);

        private static readonly Op s_bmm = new("aten::bmm");
        public Tensor bmm(Tensor batch2) => s_bmm.Call(this, batch2);

        private static readonly Op s_cholesky_inverse = new("aten::cholesky_inverse");
        public Tensor cholesky_inverse(bool upper = false) => s_cholesky_inverse.Call(this, upper);

        private static readonly Op s_cholesky_solve = new("aten::cholesky_solve");
        public Tensor cholesky_solve(Tensor input2, bool upper = false) => s_cholesky_solve.Call(this, input2, upper);

        private static readonly Op s_det = new("aten::det");
        public Tensor det() => s_det.Call(this);

        private static readonly Op s_dot = new("aten::dot");
        public Tensor dot(Tensor target) => s_dot.Call(this, target);

        private static readonly Op s_geqrf = new("aten::geqrf");
        public (Tensor a, Tensor tau) geqrf() => s_geqrf.Call2(this);

        private static readonly Op s_ger = new("aten::ger");
        public Tensor ger(Tensor vec2) => s_ger.Call(this, vec2);

        private static readonly Op s_inner = new("aten::inner");
        public Tensor inner(Tensor vec2) => s_inner.Call(this, vec2);

        private static readonly Op s_inverse = new("aten::inverse");
        public Tensor inverse() => s_inverse.Call(this);

        private static readonly Op s_kron = new("aten::kron");
        public Tensor kron(Tensor other) => s_kron.Call(this, other);

        private static readonly Op s_logdet = new("aten::logdet");
        public Tensor logdet() => s_logdet.Call(this);

        private static readonly Op s_matmul = new("aten::matmul");
        public Tensor matmul(Tensor target) => s_matmul.Call(this, target);

        private static readonly Op s_matrix_exp = new("aten::matrix_exp");
        public Tensor matrix_exp() => s_matrix_exp.Call(this);

        private static readonly Op s_matrix_power = new("aten::matrix_power");
        public Tensor matrix_power(int n) => s_matrix_power.Call(this, n);

        private static readonly Op s_mm = new("aten::mm");
        public Tensor mm(Tensor target) => s_mm.Call(this, target);

        private static readonly Op s_mv = new("aten::mv");
        public Tensor mv(Tensor target) => s_mv.Call(this, target);

        private static readonly Op s_ormqr = new("aten::ormqr");
        public Tensor ormqr(Tensor tau, Tensor other, bool left = true, bool transpose = false) =>
            s_ormqr.Call(this, tau, other, left, transpose);

        private static readonly Op s_outer = new("aten::outer");
        public Tensor outer(Tensor vec2) => s_outer.Call(this, vec2);

        private static readonly Op s_linalg_pinv = new("aten::linalg_pinv");
        public Tensor pinverse(double rcond = 1E-15, bool hermitian = false) => s_linalg_pinv.Call(this, rcond, hermitian);

        private static readonly Op s_tensordot = new("aten::tensordot");
        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => s_tensordot.Call(this, b, Arg.Ints(dims1), Arg.Ints(dims2));

        public Tensor tensordot(Tensor b, (long, long)[] dims) =>
            tensordot(b, Array.ConvertAll(dims, d => d.Item1), Array.ConvertAll(dims, d => d.Item2));

        private static readonly Op s_trace = new("aten::trace");
        public Tensor trace() => s_trace.Call(this);

        private static readonly Op s_vdot = new("aten::vdot");
        public Tensor vdot(Tensor target) => s_vdot.Call(this, target);
    }
}
