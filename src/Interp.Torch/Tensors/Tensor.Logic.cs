using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Comparisons, logic and bits.
    public partial class Tensor
    {
        private static readonly Op s_allclose = new("aten::allclose");
        public bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false) =>
            s_allclose.Truth(this, target, rtol, atol, equal_nan);

        private static readonly Op s_bitwise_and_Tensor = new("aten::bitwise_and", "Tensor");
        public Tensor bitwise_and(Tensor other) => s_bitwise_and_Tensor.Call(this, other);

        private static readonly Op s_bitwise_and__Tensor = new("aten::bitwise_and_", "Tensor");
        public Tensor bitwise_and_(Tensor other) => s_bitwise_and__Tensor.InPlace(this, this, other);

        private static readonly Op s_bitwise_left_shift_Tensor = new("aten::bitwise_left_shift", "Tensor");
        public Tensor bitwise_left_shift(Tensor other) => s_bitwise_left_shift_Tensor.Call(this, other);

        private static readonly Op s_bitwise_left_shift__Tensor = new("aten::bitwise_left_shift_", "Tensor");
        public Tensor bitwise_left_shift_(Tensor other) => s_bitwise_left_shift__Tensor.InPlace(this, this, other);

        private static readonly Op s_bitwise_not = new("aten::bitwise_not");
        public Tensor bitwise_not() => s_bitwise_not.Call(this);

        private static readonly Op s_bitwise_not_ = new("aten::bitwise_not_");
        public Tensor bitwise_not_() => s_bitwise_not_.InPlace(this, this);

        private static readonly Op s_bitwise_or_Tensor = new("aten::bitwise_or", "Tensor");
        public Tensor bitwise_or(Tensor other) => s_bitwise_or_Tensor.Call(this, other);

        private static readonly Op s_bitwise_or__Tensor = new("aten::bitwise_or_", "Tensor");
        public Tensor bitwise_or_(Tensor other) => s_bitwise_or__Tensor.InPlace(this, this, other);

        private static readonly Op s_bitwise_right_shift_Tensor = new("aten::bitwise_right_shift", "Tensor");
        public Tensor bitwise_right_shift(Tensor other) => s_bitwise_right_shift_Tensor.Call(this, other);

        private static readonly Op s_bitwise_right_shift__Tensor = new("aten::bitwise_right_shift_", "Tensor");
        public Tensor bitwise_right_shift_(Tensor other) => s_bitwise_right_shift__Tensor.InPlace(this, this, other);

        private static readonly Op s_bitwise_xor_Tensor = new("aten::bitwise_xor", "Tensor");
        public Tensor bitwise_xor(Tensor other) => s_bitwise_xor_Tensor.Call(this, other);

        private static readonly Op s_bitwise_xor__Tensor = new("aten::bitwise_xor_", "Tensor");
        public Tensor bitwise_xor_(Tensor other) => s_bitwise_xor__Tensor.InPlace(this, this, other);

        private static readonly Op s_eq_Tensor = new("aten::eq", "Tensor");
        public Tensor eq(Tensor target) => s_eq_Tensor.Call(this, target);

        private static readonly Op s_eq_Scalar = new("aten::eq", "Scalar");
        public Tensor eq(Scalar target) => s_eq_Scalar.Call(this, target);

        private static readonly Op s_eq__Tensor = new("aten::eq_", "Tensor");
        public Tensor eq_(Tensor target) => s_eq__Tensor.InPlace(this, this, target);

        private static readonly Op s_eq__Scalar = new("aten::eq_", "Scalar");
        public Tensor eq_(Scalar target) => s_eq__Scalar.InPlace(this, this, target);

        private static readonly Op s_equal = new("aten::equal");
        public Tensor equal(Tensor target) => torch.tensor(s_equal.Truth(this, target));

        private static readonly Op s_ge_Tensor = new("aten::ge", "Tensor");
        public Tensor ge(Tensor target) => s_ge_Tensor.Call(this, target);

        private static readonly Op s_ge_Scalar = new("aten::ge", "Scalar");
        public Tensor ge(Scalar target) => s_ge_Scalar.Call(this, target);

        private static readonly Op s_ge__Tensor = new("aten::ge_", "Tensor");
        public Tensor ge_(Tensor target) => s_ge__Tensor.InPlace(this, this, target);

        private static readonly Op s_ge__Scalar = new("aten::ge_", "Scalar");
        public Tensor ge_(Scalar target) => s_ge__Scalar.InPlace(this, this, target);

        private static readonly Op s_greater_Tensor = new("aten::greater", "Tensor");
        public Tensor greater(Tensor target) => s_greater_Tensor.Call(this, target);

        private static readonly Op s_greater_equal_Tensor = new("aten::greater_equal", "Tensor");
        public Tensor greater_equal(Tensor target) => s_greater_equal_Tensor.Call(this, target);

        private static readonly Op s_gt_Tensor = new("aten::gt", "Tensor");
        public Tensor gt(Tensor target) => s_gt_Tensor.Call(this, target);

        private static readonly Op s_gt_Scalar = new("aten::gt", "Scalar");
        public Tensor gt(Scalar target) => s_gt_Scalar.Call(this, target);

        private static readonly Op s_gt__Tensor = new("aten::gt_", "Tensor");
        public Tensor gt_(Tensor target) => s_gt__Tensor.InPlace(this, this, target);

        private static readonly Op s_gt__Scalar = new("aten::gt_", "Scalar");
        public Tensor gt_(Scalar target) => s_gt__Scalar.InPlace(this, this, target);

        private static readonly Op s_isclose = new("aten::isclose");
        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) =>
            s_isclose.Call(this, other, rtol, atol, nanEqual);

        private static readonly Op s_isfinite = new("aten::isfinite");
        public Tensor isfinite() => s_isfinite.Call(this);

        private static readonly Op s_isin_Tensor_Tensor = new("aten::isin", "Tensor_Tensor");
        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
            s_isin_Tensor_Tensor.Call(this, test_elements, assumeUnique, invert);

        private static readonly Op s_isinf = new("aten::isinf");
        public Tensor isinf() => s_isinf.Call(this);

        private static readonly Op s_isnan = new("aten::isnan");
        public Tensor isnan() => s_isnan.Call(this);

        private static readonly Op s_isneginf = new("aten::isneginf");
        public Tensor isneginf() => s_isneginf.Call(this);

        private static readonly Op s_isposinf = new("aten::isposinf");
        public Tensor isposinf() => s_isposinf.Call(this);

        private static readonly Op s_isreal = new("aten::isreal");
        public Tensor isreal() => s_isreal.Call(this);

        private static readonly Op s_le_Tensor = new("aten::le", "Tensor");
        public Tensor le(Tensor target) => s_le_Tensor.Call(this, target);

        private static readonly Op s_le_Scalar = new("aten::le", "Scalar");
        public Tensor le(Scalar target) => s_le_Scalar.Call(this, target);

        private static readonly Op s_le__Tensor = new("aten::le_", "Tensor");
        public Tensor le_(Tensor target) => s_le__Tensor.InPlace(this, this, target);

        private static readonly Op s_le__Scalar = new("aten::le_", "Scalar");
        public Tensor le_(Scalar target) => s_le__Scalar.InPlace(this, this, target);

        private static readonly Op s_less_Tensor = new("aten::less", "Tensor");
        public Tensor less(Tensor target) => s_less_Tensor.Call(this, target);

        private static readonly Op s_less_equal_Tensor = new("aten::less_equal", "Tensor");
        public Tensor less_equal(Tensor target) => s_less_equal_Tensor.Call(this, target);

        private static readonly Op s_less_equal__Tensor = new("aten::less_equal_", "Tensor");
        public Tensor less_equal_(Tensor target) => s_less_equal__Tensor.InPlace(this, this, target);

        private static readonly Op s_logical_and = new("aten::logical_and");
        public Tensor logical_and(Tensor other) => s_logical_and.Call(this, other);

        private static readonly Op s_logical_and_ = new("aten::logical_and_");
        public Tensor logical_and_(Tensor other) => s_logical_and_.InPlace(this, this, other);

        private static readonly Op s_logical_not = new("aten::logical_not");
        public Tensor logical_not() => s_logical_not.Call(this);

        private static readonly Op s_logical_not_ = new("aten::logical_not_");
        public Tensor logical_not_() => s_logical_not_.InPlace(this, this);

        private static readonly Op s_logical_or = new("aten::logical_or");
        public Tensor logical_or(Tensor other) => s_logical_or.Call(this, other);

        private static readonly Op s_logical_or_ = new("aten::logical_or_");
        public Tensor logical_or_(Tensor other) => s_logical_or_.InPlace(this, this, other);

        private static readonly Op s_logical_xor = new("aten::logical_xor");
        public Tensor logical_xor(Tensor other) => s_logical_xor.Call(this, other);

        private static readonly Op s_logical_xor_ = new("aten::logical_xor_");
        public Tensor logical_xor_(Tensor other) => s_logical_xor_.InPlace(this, this, other);

        private static readonly Op s_lt_Tensor = new("aten::lt", "Tensor");
        public Tensor lt(Tensor target) => s_lt_Tensor.Call(this, target);

        private static readonly Op s_lt_Scalar = new("aten::lt", "Scalar");
        public Tensor lt(Scalar target) => s_lt_Scalar.Call(this, target);

        private static readonly Op s_lt__Tensor = new("aten::lt_", "Tensor");
        public Tensor lt_(Tensor target) => s_lt__Tensor.InPlace(this, this, target);

        private static readonly Op s_lt__Scalar = new("aten::lt_", "Scalar");
        public Tensor lt_(Scalar target) => s_lt__Scalar.InPlace(this, this, target);

        private static readonly Op s_ne_Tensor = new("aten::ne", "Tensor");
        public Tensor ne(Tensor target) => s_ne_Tensor.Call(this, target);

        private static readonly Op s_ne_Scalar = new("aten::ne", "Scalar");
        public Tensor ne(Scalar target) => s_ne_Scalar.Call(this, target);

        private static readonly Op s_ne__Tensor = new("aten::ne_", "Tensor");
        public Tensor ne_(Tensor target) => s_ne__Tensor.InPlace(this, this, target);

        private static readonly Op s_ne__Scalar = new("aten::ne_", "Scalar");
        public Tensor ne_(Scalar target) => s_ne__Scalar.InPlace(this, this, target);

        private static readonly Op s_not_equal_Tensor = new("aten::not_equal", "Tensor");
        public Tensor not_equal(Tensor target) => s_not_equal_Tensor.Call(this, target);

        private static readonly Op s_not_equal__Tensor = new("aten::not_equal_", "Tensor");
        public Tensor not_equal_(Tensor target) => s_not_equal__Tensor.InPlace(this, this, target);
    }
}
