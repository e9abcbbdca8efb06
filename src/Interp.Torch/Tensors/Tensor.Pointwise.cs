using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Functions of each element.
    public partial class Tensor
    {
        private static readonly Op s_acos = new("aten::acos");
        public Tensor acos() => s_acos.Call(this);

        private static readonly Op s_acos_ = new("aten::acos_");
        public Tensor acos_() => s_acos_.InPlace(this, this);

        private static readonly Op s_acosh = new("aten::acosh");
        public Tensor acosh() => s_acosh.Call(this);

        private static readonly Op s_acosh_ = new("aten::acosh_");
        public Tensor acosh_() => s_acosh_.InPlace(this, this);

        private static readonly Op s_angle = new("aten::angle");
        public Tensor angle() => s_angle.Call(this);

        private static readonly Op s_arccos = new("aten::arccos");
        public Tensor arccos() => s_arccos.Call(this);

        private static readonly Op s_arccos_ = new("aten::arccos_");
        public Tensor arccos_() => s_arccos_.InPlace(this, this);

        private static readonly Op s_arccosh = new("aten::arccosh");
        public Tensor arccosh() => s_arccosh.Call(this);

        private static readonly Op s_arccosh_ = new("aten::arccosh_");
        public Tensor arccosh_() => s_arccosh_.InPlace(this, this);

        private static readonly Op s_arcsin = new("aten::arcsin");
        public Tensor arcsin() => s_arcsin.Call(this);

        private static readonly Op s_arcsin_ = new("aten::arcsin_");
        public Tensor arcsin_() => s_arcsin_.InPlace(this, this);

        private static readonly Op s_arcsinh = new("aten::arcsinh");
        public Tensor arcsinh() => s_arcsinh.Call(this);

        private static readonly Op s_arcsinh_ = new("aten::arcsinh_");
        public Tensor arcsinh_() => s_arcsinh_.InPlace(this, this);

        private static readonly Op s_arctan = new("aten::arctan");
        public Tensor arctan() => s_arctan.Call(this);

        public Tensor arctan(Tensor other) => arctan2(other);

        public Tensor arctan_(Tensor other) => arctan2_(other);

        private static readonly Op s_arctan_ = new("aten::arctan_");
        public Tensor arctan_() => s_arctan_.InPlace(this, this);

        private static readonly Op s_arctanh = new("aten::arctanh");
        public Tensor arctanh() => s_arctanh.Call(this);

        private static readonly Op s_arctanh_ = new("aten::arctanh_");
        public Tensor arctanh_() => s_arctanh_.InPlace(this, this);

        private static readonly Op s_asin = new("aten::asin");
        public Tensor asin() => s_asin.Call(this);

        private static readonly Op s_asin_ = new("aten::asin_");
        public Tensor asin_() => s_asin_.InPlace(this, this);

        private static readonly Op s_asinh = new("aten::asinh");
        public Tensor asinh() => s_asinh.Call(this);

        private static readonly Op s_asinh_ = new("aten::asinh_");
        public Tensor asinh_() => s_asinh_.InPlace(this, this);

        private static readonly Op s_atan = new("aten::atan");
        public Tensor atan() => s_atan.Call(this);

        private static readonly Op s_atan_ = new("aten::atan_");
        public Tensor atan_() => s_atan_.InPlace(this, this);

        private static readonly Op s_atanh = new("aten::atanh");
        public Tensor atanh() => s_atanh.Call(this);

        private static readonly Op s_atanh_ = new("aten::atanh_");
        public Tensor atanh_() => s_atanh_.InPlace(this, this);

        private static readonly Op s_ceil = new("aten::ceil");
        public Tensor ceil() => s_ceil.Call(this);

        private static readonly Op s_ceil_ = new("aten::ceil_");
        public Tensor ceil_() => s_ceil_.InPlace(this, this);

        private static readonly Op s_conj = new("aten::conj");
        public Tensor conj() => s_conj.Call(this);

        private static readonly Op s_conj_physical = new("aten::conj_physical");
        public Tensor conj_physical() => s_conj_physical.Call(this);

        private static readonly Op s_conj_physical_ = new("aten::conj_physical_");
        public Tensor conj_physical_() => s_conj_physical_.InPlace(this, this);

        private static readonly Op s_cos = new("aten::cos");
        public Tensor cos() => s_cos.Call(this);

        private static readonly Op s_cos_ = new("aten::cos_");
        public Tensor cos_() => s_cos_.InPlace(this, this);

        private static readonly Op s_cosh = new("aten::cosh");
        public Tensor cosh() => s_cosh.Call(this);

        private static readonly Op s_cosh_ = new("aten::cosh_");
        public Tensor cosh_() => s_cosh_.InPlace(this, this);

        private static readonly Op s_deg2rad = new("aten::deg2rad");
        public Tensor deg2rad() => s_deg2rad.Call(this);

        private static readonly Op s_digamma = new("aten::digamma");
        public Tensor digamma() => s_digamma.Call(this);

        private static readonly Op s_digamma_ = new("aten::digamma_");
        public Tensor digamma_() => s_digamma_.InPlace(this, this);

        private static readonly Op s_erf = new("aten::erf");
        public Tensor erf() => s_erf.Call(this);

        private static readonly Op s_erf_ = new("aten::erf_");
        public Tensor erf_() => s_erf_.InPlace(this, this);

        private static readonly Op s_erfc = new("aten::erfc");
        public Tensor erfc() => s_erfc.Call(this);

        private static readonly Op s_erfc_ = new("aten::erfc_");
        public Tensor erfc_() => s_erfc_.InPlace(this, this);

        private static readonly Op s_erfinv = new("aten::erfinv");
        public Tensor erfinv() => s_erfinv.Call(this);

        private static readonly Op s_erfinv_ = new("aten::erfinv_");
        public Tensor erfinv_() => s_erfinv_.InPlace(this, this);

        private static readonly Op s_exp = new("aten::exp");
        public Tensor exp() => s_exp.Call(this);

        private static readonly Op s_exp_ = new("aten::exp_");
        public Tensor exp_() => s_exp_.InPlace(this, this);

        private static readonly Op s_exp2 = new("aten::exp2");
        public Tensor exp2() => s_exp2.Call(this);

        private static readonly Op s_expm1 = new("aten::expm1");
        public Tensor expm1() => s_expm1.Call(this);

        private static readonly Op s_expm1_ = new("aten::expm1_");
        public Tensor expm1_() => s_expm1_.InPlace(this, this);

        private static readonly Op s_fix = new("aten::fix");
        public Tensor fix() => s_fix.Call(this);

        private static readonly Op s_fix_ = new("aten::fix_");
        public Tensor fix_() => s_fix_.InPlace(this, this);

        private static readonly Op s_floor = new("aten::floor");
        public Tensor floor() => s_floor.Call(this);

        private static readonly Op s_floor_ = new("aten::floor_");
        public Tensor floor_() => s_floor_.InPlace(this, this);

        private static readonly Op s_frac = new("aten::frac");
        public Tensor frac() => s_frac.Call(this);

        private static readonly Op s_frac_ = new("aten::frac_");
        public Tensor frac_() => s_frac_.InPlace(this, this);

        private static readonly Op s_frexp_Tensor = new("aten::frexp", "Tensor");
        public (Tensor Mantissa, Tensor Exponent) frexp() => s_frexp_Tensor.Call2(this);

        private static readonly Op s_i0 = new("aten::i0");
        public Tensor i0() => s_i0.Call(this);

        private static readonly Op s_lgamma = new("aten::lgamma");
        public Tensor lgamma() => s_lgamma.Call(this);

        private static readonly Op s_lgamma_ = new("aten::lgamma_");
        public Tensor lgamma_() => s_lgamma_.InPlace(this, this);

        private static readonly Op s_log = new("aten::log");
        public Tensor log() => s_log.Call(this);

        private static readonly Op s_log_ = new("aten::log_");
        public Tensor log_() => s_log_.InPlace(this, this);

        private static readonly Op s_log10 = new("aten::log10");
        public Tensor log10() => s_log10.Call(this);

        private static readonly Op s_log10_ = new("aten::log10_");
        public Tensor log10_() => s_log10_.InPlace(this, this);

        private static readonly Op s_log1p = new("aten::log1p");
        public Tensor log1p() => s_log1p.Call(this);

        private static readonly Op s_log1p_ = new("aten::log1p_");
        public Tensor log1p_() => s_log1p_.InPlace(this, this);

        private static readonly Op s_log2 = new("aten::log2");
        public Tensor log2() => s_log2.Call(this);

        private static readonly Op s_log2_ = new("aten::log2_");
        public Tensor log2_() => s_log2_.InPlace(this, this);

        private static readonly Op s_logit = new("aten::logit");
        public Tensor logit(double? eps = null) => s_logit.Call(this, eps);

        private static readonly Op s_mvlgamma = new("aten::mvlgamma");
        public Tensor mvlgamma(long p) => s_mvlgamma.Call(this, p);

        private static readonly Op s_mvlgamma_ = new("aten::mvlgamma_");
        public Tensor mvlgamma_(long p) => s_mvlgamma_.InPlace(this, this, p);

        private static readonly Op s_nan_to_num = new("aten::nan_to_num");
        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) =>
            s_nan_to_num.Call(this, nan, posinf, neginf);

        private static readonly Op s_polygamma = new("aten::polygamma");
        public Tensor polygamma(long p) => s_polygamma.Call(p, this);

        private static readonly Op s_polygamma_ = new("aten::polygamma_");
        public Tensor polygamma_(long p) => s_polygamma_.InPlace(this, this, p);

        private static readonly Op s_rad2deg = new("aten::rad2deg");
        public Tensor rad2deg() => s_rad2deg.Call(this);

        private static readonly Op s_resolve_conj = new("aten::resolve_conj");
        public Tensor resolve_conj() => s_resolve_conj.Call(this);

        private static readonly Op s_resolve_neg = new("aten::resolve_neg");
        public Tensor resolve_neg() => s_resolve_neg.Call(this);

        private static readonly Op s_round_decimals = new("aten::round", "decimals");
        public Tensor round(long decimals = 0) => s_round_decimals.Call(this, decimals);

        private static readonly Op s_round__decimals = new("aten::round_", "decimals");
        public Tensor round_(long decimals = 0) => s_round__decimals.InPlace(this, this, decimals);

        private static readonly Op s_rsqrt = new("aten::rsqrt");
        public Tensor rsqrt() => s_rsqrt.Call(this);

        private static readonly Op s_rsqrt_ = new("aten::rsqrt_");
        public Tensor rsqrt_() => s_rsqrt_.InPlace(this, this);

        private static readonly Op s_sin = new("aten::sin");
        public Tensor sin() => s_sin.Call(this);

        private static readonly Op s_sin_ = new("aten::sin_");
        public Tensor sin_() => s_sin_.InPlace(this, this);

        private static readonly Op s_sinc = new("aten::sinc");
        public Tensor sinc() => s_sinc.Call(this);

        private static readonly Op s_sinc_ = new("aten::sinc_");
        public Tensor sinc_() => s_sinc_.InPlace(this, this);

        private static readonly Op s_sinh = new("aten::sinh");
        public Tensor sinh() => s_sinh.Call(this);

        private static readonly Op s_sinh_ = new("aten::sinh_");
        public Tensor sinh_() => s_sinh_.InPlace(this, this);

        private static readonly Op s_sqrt = new("aten::sqrt");
        public Tensor sqrt() => s_sqrt.Call(this);

        private static readonly Op s_sqrt_ = new("aten::sqrt_");
        public Tensor sqrt_() => s_sqrt_.InPlace(this, this);

        private static readonly Op s_tan = new("aten::tan");
        public Tensor tan() => s_tan.Call(this);

        private static readonly Op s_tan_ = new("aten::tan_");
        public Tensor tan_() => s_tan_.InPlace(this, this);

        private static readonly Op s_tanh = new("aten::tanh");
        public Tensor tanh() => s_tanh.Call(this);

        private static readonly Op s_tanh_ = new("aten::tanh_");
        public Tensor tanh_() => s_tanh_.InPlace(this, this);

        private static readonly Op s_trunc = new("aten::trunc");
        public Tensor trunc() => s_trunc.Call(this);

        private static readonly Op s_trunc_ = new("aten::trunc_");
        public Tensor trunc_() => s_trunc_.InPlace(this, this);
    }
}
