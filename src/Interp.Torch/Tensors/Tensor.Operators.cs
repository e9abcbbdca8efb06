using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    // Operators; numbers go by value, without a Scalar.
    public partial class Tensor
    {
        private static readonly Op s_op_add_Scalar = new("aten::add", "Scalar");
        private static readonly Op s_op_sub_Scalar = new("aten::sub", "Scalar");
        private static readonly Op s_op_rsub_Scalar = new("aten::rsub", "Scalar");
        private static readonly Op s_op_mul_Scalar = new("aten::mul", "Scalar");
        private static readonly Op s_op_div_Scalar = new("aten::div", "Scalar");
        private static readonly Op s_op_remainder_Tensor = new("aten::remainder", "Tensor");
        private static readonly Op s_op_remainder_Scalar = new("aten::remainder", "Scalar");
        private static readonly Op s_op_reciprocal = new("aten::reciprocal");

        public static Tensor operator +(Tensor left, Tensor right) => Binary(Rule.Add, left, right);

        public static Tensor operator +(Tensor left, Scalar right) => s_op_add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, int right) => s_op_add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, long right) => s_op_add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, float right) => s_op_add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, double right) => s_op_add_Scalar.Call(left, right);

        public static Tensor operator +(Scalar left, Tensor right) => s_op_add_Scalar.Call(right, left);

        public static Tensor operator +(int left, Tensor right) => s_op_add_Scalar.Call(right, left);

        public static Tensor operator +(long left, Tensor right) => s_op_add_Scalar.Call(right, left);

        public static Tensor operator +(float left, Tensor right) => s_op_add_Scalar.Call(right, left);

        public static Tensor operator +(double left, Tensor right) => s_op_add_Scalar.Call(right, left);

        public static Tensor operator -(Tensor left, Tensor right) => Binary(Rule.Sub, left, right);

        public static Tensor operator -(Tensor left, Scalar right) => s_op_sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, int right) => s_op_sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, long right) => s_op_sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, float right) => s_op_sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, double right) => s_op_sub_Scalar.Call(left, right);

        public static Tensor operator -(Scalar left, Tensor right) => s_op_rsub_Scalar.Call(right, left);

        public static Tensor operator -(int left, Tensor right) => s_op_rsub_Scalar.Call(right, left);

        public static Tensor operator -(long left, Tensor right) => s_op_rsub_Scalar.Call(right, left);

        public static Tensor operator -(float left, Tensor right) => s_op_rsub_Scalar.Call(right, left);

        public static Tensor operator -(double left, Tensor right) => s_op_rsub_Scalar.Call(right, left);

        public static Tensor operator *(Tensor left, Tensor right) => Binary(Rule.Mul, left, right);

        public static Tensor operator *(Tensor left, Scalar right) => s_op_mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, int right) => s_op_mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, long right) => s_op_mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, float right) => s_op_mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, double right) => s_op_mul_Scalar.Call(left, right);

        public static Tensor operator *(Scalar left, Tensor right) => s_op_mul_Scalar.Call(right, left);

        public static Tensor operator *(int left, Tensor right) => s_op_mul_Scalar.Call(right, left);

        public static Tensor operator *(long left, Tensor right) => s_op_mul_Scalar.Call(right, left);

        public static Tensor operator *(float left, Tensor right) => s_op_mul_Scalar.Call(right, left);

        public static Tensor operator *(double left, Tensor right) => s_op_mul_Scalar.Call(right, left);

        public static Tensor operator /(Tensor left, Tensor right) => Binary(Rule.Div, left, right);

        public static Tensor operator /(Tensor left, Scalar right) => s_op_div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, int right) => s_op_div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, long right) => s_op_div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, float right) => s_op_div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, double right) => s_op_div_Scalar.Call(left, right);

        public static Tensor operator /(Scalar left, Tensor right) => Over(left, right);

        public static Tensor operator /(int left, Tensor right) => Over(left, right);

        public static Tensor operator /(long left, Tensor right) => Over(left, right);

        public static Tensor operator /(float left, Tensor right) => Over(left, right);

        public static Tensor operator /(double left, Tensor right) => Over(left, right);

        public static Tensor operator %(Tensor left, Tensor right) => s_op_remainder_Tensor.Call(left, right);

        public static Tensor operator %(Tensor left, Scalar right) => s_op_remainder_Scalar.Call(left, right);

        public static Tensor operator %(Tensor left, int right) => s_op_remainder_Scalar.Call(left, right);

        public static Tensor operator %(Tensor left, long right) => s_op_remainder_Scalar.Call(left, right);

        public static Tensor operator %(Tensor left, float right) => s_op_remainder_Scalar.Call(left, right);

        public static Tensor operator %(Tensor left, double right) => s_op_remainder_Scalar.Call(left, right);

        public static Tensor operator -(Tensor tensor) => tensor.neg();

        public static Tensor operator ~(Tensor left) => left.bitwise_not();

        public static Tensor operator &(Tensor left, Tensor right) => left.bitwise_and(right);

        public static Tensor operator |(Tensor left, Tensor right) => left.bitwise_or(right);

        public static Tensor operator ^(Tensor left, Tensor right) => left.bitwise_xor(right);

        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);

        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);

        public static Tensor operator ==(Scalar left, Tensor right) => right.eq(left);

        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);

        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);

        public static Tensor operator !=(Scalar left, Tensor right) => right.ne(left);

        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);

        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);

        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);

        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);

        /// <summary>Equality of values, as TorchSharp has it.</summary>
        public override bool Equals(object? obj) => obj is Tensor t && (ReferenceEquals(this, t) || Equals(t));

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        private static Tensor Over(Arg left, Tensor right)
        {
            using var inverse = s_op_reciprocal.Call(right);
            return s_op_mul_Scalar.Call(inverse, left);
        }

        private enum Rule
        {
            Add = 0,
            Sub = 1,
            Mul = 2,
            Div = 3,
        }

        private static Tensor Binary(Rule rule, Tensor left, Tensor right)
        {
            ArgumentNullException.ThrowIfNull(left);
            ArgumentNullException.ThrowIfNull(right);
            var result = NativeMethods.it_binary((int)rule, left.Handle, right.Handle);
            GC.KeepAlive(left);
            GC.KeepAlive(right);
            if (result == 0) NativeError.Throw();
            return new Tensor(result);
        }
    }
}
