using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Arithmetic.
    public partial class Tensor
    {
        private static readonly Op s_abs = new("aten::abs");
        public Tensor abs() => s_abs.Call(this);

        private static readonly Op s_abs_ = new("aten::abs_");
        public Tensor @abs_() => s_abs_.InPlace(this, this);

        private static readonly Op s_absolute = new("aten::absolute");
        public Tensor absolute() => s_absolute.Call(this);

        private static readonly Op s_absolute_ = new("aten::absolute_");
        public Tensor absolute_() => s_absolute_.InPlace(this, this);

        private static readonly Op s_add_Tensor = new("aten::add", "Tensor");
        public Tensor add(Tensor target) => Binary(Rule.Add, this, target);

        public Tensor add(Tensor target, Scalar alpha) => s_add_Tensor.Call(this, target, alpha);

        private static readonly Op s_add_Scalar = new("aten::add", "Scalar");
        public Tensor add(Scalar scalar) => s_add_Scalar.Call(this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => s_add_Scalar.Call(this, scalar, alpha);

        private static readonly Op s_add__Tensor = new("aten::add_", "Tensor");
        public Tensor add_(Tensor target) => s_add__Tensor.InPlace(this, this, target);

        public Tensor add_(Tensor target, Scalar alpha) => s_add__Tensor.InPlace(this, this, target, alpha);

        private static readonly Op s_add__Scalar = new("aten::add_", "Scalar");
        public Tensor add_(Scalar scalar) => s_add__Scalar.InPlace(this, this, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => s_add__Scalar.InPlace(this, this, scalar, alpha);

        private static readonly Op s_addcdiv = new("aten::addcdiv");
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => s_addcdiv.Call(this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => s_addcdiv.Call(this, tensor1, tensor2);

        private static readonly Op s_addcdiv_ = new("aten::addcdiv_");
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            s_addcdiv_.InPlace(this, this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => s_addcdiv_.InPlace(this, this, tensor1, tensor2);

        private static readonly Op s_addcmul = new("aten::addcmul");
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => s_addcmul.Call(this, tensor1, tensor2, value);

        private static readonly Op s_addcmul_ = new("aten::addcmul_");
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            s_addcmul_.InPlace(this, this, tensor1, tensor2, value);

        private static readonly Op s_arctan2 = new("aten::arctan2");
        public Tensor arctan2(Tensor other) => s_arctan2.Call(this, other);

        private static readonly Op s_arctan2_ = new("aten::arctan2_");
        public Tensor arctan2_(Tensor other) => s_arctan2_.InPlace(this, this, other);

        private static readonly Op s_atan2 = new("aten::atan2");
        public Tensor atan2(Tensor other) => s_atan2.Call(this, other);

        private static readonly Op s_atan2_ = new("aten::atan2_");
        public Tensor atan2_(Tensor other) => s_atan2_.InPlace(this, this, other);

        private static readonly Op s_clamp = new("aten::clamp");
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => s_clamp.Call(this, min, max);

        private static readonly Op s_clamp_Tensor = new("aten::clamp", "Tensor");
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => s_clamp_Tensor.Call(this, min, max);

        private static readonly Op s_clamp_ = new("aten::clamp_");
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => s_clamp_.InPlace(this, this, min, max);

        private static readonly Op s_clamp__Tensor = new("aten::clamp_", "Tensor");
        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => s_clamp__Tensor.InPlace(this, this, min, max);

        private static readonly Op s_clamp_max = new("aten::clamp_max");
        public Tensor clamp_max(Scalar max) => s_clamp_max.Call(this, max);

        private static readonly Op s_clamp_max_ = new("aten::clamp_max_");
        public Tensor clamp_max_(Scalar max) => s_clamp_max_.InPlace(this, this, max);

        private static readonly Op s_clamp_min = new("aten::clamp_min");
        public Tensor clamp_min(Scalar min) => s_clamp_min.Call(this, min);

        private static readonly Op s_clamp_min_ = new("aten::clamp_min_");
        public Tensor clamp_min_(Scalar min) => s_clamp_min_.InPlace(this, this, min);

        private static readonly Op s_clip = new("aten::clip");
        public Tensor clip(Scalar? min = null, Scalar? max = null) => s_clip.Call(this, min, max);

        private static readonly Op s_copysign_Tensor = new("aten::copysign", "Tensor");
        public Tensor copysign(Tensor other) => s_copysign_Tensor.Call(this, other);

        private static readonly Op s_div_Tensor_mode = new("aten::div", "Tensor_mode");
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Binary(Rule.Div, this, target) : s_div_Tensor_mode.Call(this, target, Mode(rounding_mode));

        private static readonly Op s_div_Scalar = new("aten::div", "Scalar");
        private static readonly Op s_div_Scalar_mode = new("aten::div", "Scalar_mode");
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? s_div_Scalar.Call(this, target) : s_div_Scalar_mode.Call(this, target, Mode(rounding_mode));

        private static readonly Op s_div__Tensor = new("aten::div_", "Tensor");
        private static readonly Op s_div__Tensor_mode = new("aten::div_", "Tensor_mode");
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? s_div__Tensor.InPlace(this, this, target) : s_div__Tensor_mode.InPlace(this, this, target, Mode(rounding_mode));

        private static readonly Op s_div__Scalar = new("aten::div_", "Scalar");
        private static readonly Op s_div__Scalar_mode = new("aten::div_", "Scalar_mode");
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? s_div__Scalar.InPlace(this, this, target) : s_div__Scalar_mode.InPlace(this, this, target, Mode(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        private static readonly Op s_float_power_Tensor_Tensor = new("aten::float_power", "Tensor_Tensor");
        public Tensor float_power(Tensor target) => s_float_power_Tensor_Tensor.Call(this, target);

        private static readonly Op s_floor_divide = new("aten::floor_divide");
        public Tensor floor_divide(Tensor other) => s_floor_divide.Call(this, other);

        private static readonly Op s_floor_divide_Scalar = new("aten::floor_divide", "Scalar");
        public Tensor floor_divide(Scalar other) => s_floor_divide_Scalar.Call(this, other);

        private static readonly Op s_floor_divide__Tensor = new("aten::floor_divide_", "Tensor");
        public Tensor floor_divide_(Tensor other) => s_floor_divide__Tensor.InPlace(this, this, other);

        private static readonly Op s_floor_divide__Scalar = new("aten::floor_divide_", "Scalar");
        public Tensor floor_divide_(Scalar other) => s_floor_divide__Scalar.InPlace(this, this, other);

        private static readonly Op s_fmax = new("aten::fmax");
        public Tensor fmax(Tensor other) => s_fmax.Call(this, other);

        private static readonly Op s_fmin = new("aten::fmin");
        public Tensor fmin(Tensor other) => s_fmin.Call(this, other);

        private static readonly Op s_fmod_Tensor = new("aten::fmod", "Tensor");
        public Tensor fmod(Tensor target) => s_fmod_Tensor.Call(this, target);

        private static readonly Op s_fmod_Scalar = new("aten::fmod", "Scalar");
        public Tensor fmod(Scalar scalar) => s_fmod_Scalar.Call(this, scalar);

        private static readonly Op s_fmod__Tensor = new("aten::fmod_", "Tensor");
        public Tensor fmod_(Tensor target) => s_fmod__Tensor.InPlace(this, this, target);

        private static readonly Op s_fmod__Scalar = new("aten::fmod_", "Scalar");
        public Tensor fmod_(Scalar scalar) => s_fmod__Scalar.InPlace(this, this, scalar);

        private static readonly Op s_gcd = new("aten::gcd");
        public Tensor gcd(Tensor other) => s_gcd.Call(this, other);

        private static readonly Op s_gcd_ = new("aten::gcd_");
        public Tensor gcd_(Tensor other) => s_gcd_.InPlace(this, this, other);

        private static readonly Op s_heaviside = new("aten::heaviside");
        public Tensor heaviside(Tensor other) => s_heaviside.Call(this, other);

        private static readonly Op s_hypot = new("aten::hypot");
        public Tensor hypot(Tensor other) => s_hypot.Call(this, other);

        private static readonly Op s_igamma = new("aten::igamma");
        public Tensor igamma(Tensor other) => s_igamma.Call(this, other);

        private static readonly Op s_igammac = new("aten::igammac");
        public Tensor igammac(Tensor other) => s_igammac.Call(this, other);

        private static readonly Op s_lcm = new("aten::lcm");
        public Tensor lcm(Tensor other) => s_lcm.Call(this, other);

        private static readonly Op s_lcm_ = new("aten::lcm_");
        public Tensor lcm_(Tensor other) => s_lcm_.InPlace(this, this, other);

        private static readonly Op s_ldexp_Tensor = new("aten::ldexp", "Tensor");
        public Tensor ldexp(Tensor other) => s_ldexp_Tensor.Call(this, other);

        private static readonly Op s_ldexp_ = new("aten::ldexp_");
        public Tensor ldexp_(Tensor other) => s_ldexp_.InPlace(this, this, other);

        private static readonly Op s_lerp_Tensor = new("aten::lerp", "Tensor");
        public Tensor lerp(Tensor end, Tensor weight) => s_lerp_Tensor.Call(this, end, weight);

        private static readonly Op s_lerp__Tensor = new("aten::lerp_", "Tensor");
        public Tensor lerp_(Tensor end, Tensor weight) => s_lerp__Tensor.InPlace(this, this, end, weight);

        private static readonly Op s_logaddexp = new("aten::logaddexp");
        public Tensor logaddexp(Tensor other) => s_logaddexp.Call(this, other);

        private static readonly Op s_logaddexp2 = new("aten::logaddexp2");
        public Tensor logaddexp2(Tensor other) => s_logaddexp2.Call(this, other);

        private static readonly Op s_maximum = new("aten::maximum");
        public Tensor maximum(Tensor other) => s_maximum.Call(this, other);

        private static readonly Op s_minimum = new("aten::minimum");
        public Tensor minimum(Tensor other) => s_minimum.Call(this, other);

        public Tensor mul(Tensor target) => Binary(Rule.Mul, this, target);

        private static readonly Op s_mul_Scalar = new("aten::mul", "Scalar");
        public Tensor mul(Scalar target) => s_mul_Scalar.Call(this, target);

        private static readonly Op s_mul__Tensor = new("aten::mul_", "Tensor");
        public Tensor mul_(Tensor target) => s_mul__Tensor.InPlace(this, this, target);

        private static readonly Op s_mul__Scalar = new("aten::mul_", "Scalar");
        public Tensor mul_(Scalar target) => s_mul__Scalar.InPlace(this, this, target);

        private static readonly Op s_multiply_Tensor = new("aten::multiply", "Tensor");
        public Tensor multiply(Tensor target) => s_multiply_Tensor.Call(this, target);

        private static readonly Op s_multiply_Scalar = new("aten::multiply", "Scalar");
        public Tensor multiply(Scalar target) => s_multiply_Scalar.Call(this, target);

        private static readonly Op s_neg = new("aten::neg");
        public Tensor neg() => s_neg.Call(this);

        private static readonly Op s_neg_ = new("aten::neg_");
        public Tensor neg_() => s_neg_.InPlace(this, this);

        private static readonly Op s_negative = new("aten::negative");
        public Tensor negative() => s_negative.Call(this);

        private static readonly Op s_nextafter = new("aten::nextafter");
        public Tensor nextafter(Tensor other) => s_nextafter.Call(this, other);

        private static readonly Op s_positive = new("aten::positive");
        public Tensor positive() => s_positive.Call(this);

        private static readonly Op s_pow_Tensor_Tensor = new("aten::pow", "Tensor_Tensor");
        public Tensor pow(Tensor exponent) => s_pow_Tensor_Tensor.Call(this, exponent);

        private static readonly Op s_pow_Tensor_Scalar = new("aten::pow", "Tensor_Scalar");
        public Tensor pow(Scalar exponent) => s_pow_Tensor_Scalar.Call(this, exponent);

        private static readonly Op s_pow__Tensor = new("aten::pow_", "Tensor");
        public Tensor pow_(Tensor exponent) => s_pow__Tensor.InPlace(this, this, exponent);

        private static readonly Op s_pow__Scalar = new("aten::pow_", "Scalar");
        public Tensor pow_(Scalar exponent) => s_pow__Scalar.InPlace(this, this, exponent);

        private static readonly Op s_reciprocal = new("aten::reciprocal");
        public Tensor reciprocal() => s_reciprocal.Call(this);

        private static readonly Op s_reciprocal_ = new("aten::reciprocal_");
        public Tensor reciprocal_() => s_reciprocal_.InPlace(this, this);

        private static readonly Op s_remainder_Tensor = new("aten::remainder", "Tensor");
        public Tensor remainder(Tensor target) => s_remainder_Tensor.Call(this, target);

        private static readonly Op s_remainder_Scalar = new("aten::remainder", "Scalar");
        public Tensor remainder(Scalar scalar) => s_remainder_Scalar.Call(this, scalar);

        private static readonly Op s_remainder__Tensor = new("aten::remainder_", "Tensor");
        public Tensor remainder_(Tensor target) => s_remainder__Tensor.InPlace(this, this, target);

        private static readonly Op s_remainder__Scalar = new("aten::remainder_", "Scalar");
        public Tensor remainder_(Scalar scalar) => s_remainder__Scalar.InPlace(this, this, scalar);

        private static readonly Op s_sgn = new("aten::sgn");
        public Tensor sgn() => s_sgn.Call(this);

        private static readonly Op s_sgn_ = new("aten::sgn_");
        public Tensor sgn_() => s_sgn_.InPlace(this, this);

        private static readonly Op s_sign = new("aten::sign");
        public Tensor sign() => s_sign.Call(this);

        private static readonly Op s_sign_ = new("aten::sign_");
        public Tensor sign_() => s_sign_.InPlace(this, this);

        private static readonly Op s_signbit = new("aten::signbit");
        public Tensor signbit() => s_signbit.Call(this);

        private static readonly Op s_square = new("aten::square");
        public Tensor square() => s_square.Call(this);

        public Tensor sub(Tensor target) => Binary(Rule.Sub, this, target);

        private static readonly Op s_sub_Scalar = new("aten::sub", "Scalar");
        public Tensor sub(Scalar target) => s_sub_Scalar.Call(this, target);

        private static readonly Op s_sub__Tensor = new("aten::sub_", "Tensor");
        public Tensor sub_(Tensor target) => s_sub__Tensor.InPlace(this, this, target);

        private static readonly Op s_sub__Scalar = new("aten::sub_", "Scalar");
        public Tensor sub_(Scalar target) => s_sub__Scalar.InPlace(this, this, target);

        private static readonly Op s_subtract_Scalar = new("aten::subtract", "Scalar");
        public Tensor subtract(Scalar target) => s_subtract_Scalar.Call(this, target);

        private static readonly Op s_subtract_Tensor = new("aten::subtract", "Tensor");
        public Tensor subtract(Tensor target) => s_subtract_Tensor.Call(this, target);

        private static readonly Op s_subtract__Scalar = new("aten::subtract_", "Scalar");
        public Tensor subtract_(Scalar target) => s_subtract__Scalar.InPlace(this, this, target);

        private static readonly Op s_subtract__Tensor = new("aten::subtract_", "Tensor");
        public Tensor subtract_(Tensor target) => s_subtract__Tensor.InPlace(this, this, target);

        private static readonly Op s_true_divide_Tensor = new("aten::true_divide", "Tensor");
        public Tensor true_divide(Tensor other) => s_true_divide_Tensor.Call(this, other);

        private static readonly Op s_true_divide_Scalar = new("aten::true_divide", "Scalar");
        public Tensor true_divide(Scalar other) => s_true_divide_Scalar.Call(this, other);

        private static readonly Op s_true_divide__Tensor = new("aten::true_divide_", "Tensor");
        public Tensor true_divide_(Tensor other) => s_true_divide__Tensor.InPlace(this, this, other);

        private static readonly Op s_true_divide__Scalar = new("aten::true_divide_", "Scalar");
        public Tensor true_divide_(Scalar other) => s_true_divide__Scalar.InPlace(this, this, other);

        private static readonly Op s_xlogy_Tensor = new("aten::xlogy", "Tensor");
        public Tensor xlogy(Tensor y) => s_xlogy_Tensor.Call(this, y);

        private static readonly Op s_xlogy_Scalar_Other = new("aten::xlogy", "Scalar_Other");
        public Tensor xlogy(Scalar y) => s_xlogy_Scalar_Other.Call(this, y);

        private static readonly Op s_xlogy__Tensor = new("aten::xlogy_", "Tensor");
        public Tensor xlogy_(Tensor y) => s_xlogy__Tensor.InPlace(this, this, y);

        private static readonly Op s_xlogy__Scalar_Other = new("aten::xlogy_", "Scalar_Other");
        public Tensor xlogy_(Scalar y) => s_xlogy__Scalar_Other.InPlace(this, this, y);
    }
}
