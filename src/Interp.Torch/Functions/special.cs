using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Special functions.</summary>
    public static class special
    {
        private static readonly Op s_airy_ai = new("aten::special_airy_ai");
        private static readonly Op s_bessel_j0 = new("aten::special_bessel_j0");
        private static readonly Op s_bessel_j1 = new("aten::special_bessel_j1");
        private static readonly Op s_bessel_y0 = new("aten::special_bessel_y0");
        private static readonly Op s_bessel_y1 = new("aten::special_bessel_y1");
        private static readonly Op s_chebyshev_polynomial_t = new("aten::special_chebyshev_polynomial_t");
        private static readonly Op s_chebyshev_polynomial_u = new("aten::special_chebyshev_polynomial_u");
        private static readonly Op s_chebyshev_polynomial_v = new("aten::special_chebyshev_polynomial_v");
        private static readonly Op s_chebyshev_polynomial_w = new("aten::special_chebyshev_polynomial_w");
        private static readonly Op s_digamma = new("aten::special_digamma");
        private static readonly Op s_entr = new("aten::special_entr");
        private static readonly Op s_erf = new("aten::special_erf");
        private static readonly Op s_erfc = new("aten::special_erfc");
        private static readonly Op s_erfcx = new("aten::special_erfcx");
        private static readonly Op s_erfinv = new("aten::special_erfinv");
        private static readonly Op s_exp2 = new("aten::special_exp2");
        private static readonly Op s_expit = new("aten::special_expit");
        private static readonly Op s_expm1 = new("aten::special_expm1");
        private static readonly Op s_gammainc = new("aten::special_gammainc");
        private static readonly Op s_gammaincc = new("aten::special_gammaincc");
        private static readonly Op s_gammaln = new("aten::special_gammaln");
        private static readonly Op s_hermite_polynomial_h = new("aten::special_hermite_polynomial_h");
        private static readonly Op s_hermite_polynomial_he = new("aten::special_hermite_polynomial_he");
        private static readonly Op s_i0 = new("aten::special_i0");
        private static readonly Op s_i0e = new("aten::special_i0e");
        private static readonly Op s_i1 = new("aten::special_i1");
        private static readonly Op s_i1e = new("aten::special_i1e");
        private static readonly Op s_laguerre_polynomial_l = new("aten::special_laguerre_polynomial_l");
        private static readonly Op s_legendre_polynomial_p = new("aten::special_legendre_polynomial_p");
        private static readonly Op s_logit = new("aten::special_logit");
        private static readonly Op s_modified_bessel_i0 = new("aten::special_modified_bessel_i0");
        private static readonly Op s_modified_bessel_i1 = new("aten::special_modified_bessel_i1");
        private static readonly Op s_modified_bessel_k0 = new("aten::special_modified_bessel_k0");
        private static readonly Op s_modified_bessel_k1 = new("aten::special_modified_bessel_k1");
        private static readonly Op s_multigammaln = new("aten::special_multigammaln");
        private static readonly Op s_ndtr = new("aten::special_ndtr");
        private static readonly Op s_ndtri = new("aten::special_ndtri");
        private static readonly Op s_polygamma = new("aten::special_polygamma");
        private static readonly Op s_psi = new("aten::special_psi");
        private static readonly Op s_scaled_modified_bessel_k0 = new("aten::special_scaled_modified_bessel_k0");
        private static readonly Op s_scaled_modified_bessel_k1 = new("aten::special_scaled_modified_bessel_k1");
        private static readonly Op s_shifted_chebyshev_polynomial_t = new("aten::special_shifted_chebyshev_polynomial_t");
        private static readonly Op s_shifted_chebyshev_polynomial_u = new("aten::special_shifted_chebyshev_polynomial_u");
        private static readonly Op s_shifted_chebyshev_polynomial_v = new("aten::special_shifted_chebyshev_polynomial_v");
        private static readonly Op s_shifted_chebyshev_polynomial_w = new("aten::special_shifted_chebyshev_polynomial_w");
        private static readonly Op s_sinc = new("aten::special_sinc");
        private static readonly Op s_spherical_bessel_j0 = new("aten::special_spherical_bessel_j0");
        private static readonly Op s_xlog1py = new("aten::special_xlog1py");
        private static readonly Op s_zeta = new("aten::special_zeta");

        public static Tensor airy_ai(Tensor input, Tensor? @out = null) => Into(@out, s_airy_ai.Call(input));

        public static Tensor bessel_j0(Tensor input, Tensor? @out = null) => Into(@out, s_bessel_j0.Call(input));

        public static Tensor bessel_j1(Tensor input, Tensor? @out = null) => Into(@out, s_bessel_j1.Call(input));

        public static Tensor bessel_y0(Tensor input, Tensor? @out = null) => Into(@out, s_bessel_y0.Call(input));

        public static Tensor bessel_y1(Tensor input, Tensor? @out = null) => Into(@out, s_bessel_y1.Call(input));

        public static Tensor chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_chebyshev_polynomial_t.Call(x, n));

        public static Tensor chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_chebyshev_polynomial_u.Call(x, n));

        public static Tensor chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_chebyshev_polynomial_v.Call(x, n));

        public static Tensor chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_chebyshev_polynomial_w.Call(x, n));

        public static Tensor digamma(Tensor input) => s_digamma.Call(input);

        public static Tensor entr(Tensor input) => s_entr.Call(input);

        public static Tensor erf(Tensor input) => s_erf.Call(input);

        public static Tensor erfc(Tensor input) => s_erfc.Call(input);

        public static Tensor erfcx(Tensor input) => s_erfcx.Call(input);

        public static Tensor erfinv(Tensor input) => s_erfinv.Call(input);

        public static Tensor exp2(Tensor input) => s_exp2.Call(input);

        public static Tensor expit(Tensor input) => s_expit.Call(input);

        public static Tensor expm1(Tensor input) => s_expm1.Call(input);

        public static Tensor gammainc(Tensor input, Tensor other) => s_gammainc.Call(input, other);

        public static Tensor gammaincc(Tensor input, Tensor other) => s_gammaincc.Call(input, other);

        public static Tensor gammaln(Tensor input) => s_gammaln.Call(input);

        public static Tensor hermite_polynomial_h(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_hermite_polynomial_h.Call(x, n));

        public static Tensor hermite_polynomial_he(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_hermite_polynomial_he.Call(x, n));

        public static Tensor i0(Tensor input) => s_i0.Call(input);

        public static Tensor i0e(Tensor input) => s_i0e.Call(input);

        public static Tensor i1(Tensor input) => s_i1.Call(input);

        public static Tensor i1e(Tensor input) => s_i1e.Call(input);

        public static Tensor laguerre_polynomial_l(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_laguerre_polynomial_l.Call(x, n));

        public static Tensor legendre_polynomial_p(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_legendre_polynomial_p.Call(x, n));

        public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);

        public static Tensor logit(Tensor input) => s_logit.Call(input);

        public static Tensor modified_bessel_i0(Tensor input, Tensor? @out = null) => Into(@out, s_modified_bessel_i0.Call(input));

        public static Tensor modified_bessel_i1(Tensor input, Tensor? @out = null) => Into(@out, s_modified_bessel_i1.Call(input));

        public static Tensor modified_bessel_k0(Tensor input, Tensor? @out = null) => Into(@out, s_modified_bessel_k0.Call(input));

        public static Tensor modified_bessel_k1(Tensor input, Tensor? @out = null) => Into(@out, s_modified_bessel_k1.Call(input));

        public static Tensor multigammaln(Tensor input, long p) => s_multigammaln.Call(input, p);

        public static Tensor ndtr(Tensor input) => s_ndtr.Call(input);

        public static Tensor ndtri(Tensor input) => s_ndtri.Call(input);

        public static Tensor polygamma(long n, Tensor input) => s_polygamma.Call(n, input);

        public static Tensor psi(Tensor input) => s_psi.Call(input);

        public static Tensor scaled_modified_bessel_k0(Tensor input, Tensor? @out = null) => Into(@out, s_scaled_modified_bessel_k0.Call(input));

        public static Tensor scaled_modified_bessel_k1(Tensor input, Tensor? @out = null) => Into(@out, s_scaled_modified_bessel_k1.Call(input));

        public static Tensor shifted_chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_shifted_chebyshev_polynomial_t.Call(x, n));

        public static Tensor shifted_chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_shifted_chebyshev_polynomial_u.Call(x, n));

        public static Tensor shifted_chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_shifted_chebyshev_polynomial_v.Call(x, n));

        public static Tensor shifted_chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null) => Into(@out, s_shifted_chebyshev_polynomial_w.Call(x, n));

        public static Tensor sigmoid(Tensor input) => input.sigmoid();

        public static Tensor sigmoid_(Tensor input) => input.sigmoid_();

        public static Tensor sinc(Tensor input) => s_sinc.Call(input);

        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

        public static Tensor spherical_bessel_j0(Tensor input, Tensor? @out = null) => Into(@out, s_spherical_bessel_j0.Call(input));

        public static Tensor xlog1py(Tensor input, Tensor other) => s_xlog1py.Call(input, other);

        public static Tensor zeta(Tensor x, Tensor q) => s_zeta.Call(x, q);

        private static Tensor Into(Tensor? target, Tensor result)
        {
            if (target is null) return result;
            using (result) return target.copy_(result);
        }
    }
}
