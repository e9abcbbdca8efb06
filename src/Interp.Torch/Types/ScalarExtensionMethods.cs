using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Scalars from and to numbers.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToBFloat16Scalar(this float value) => Scalar.Of(ScalarType.BFloat16, value);

    public static bool ToBoolean(this Scalar value) => value.IsFloat ? value.Double != 0 : value.Long != 0;

    public static byte ToByte(this Scalar value) => (byte)ToInt64(value);

    public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value) => ((float)value.Double, (float)value.Imaginary);

    public static Complex ToComplexFloat64(this Scalar value) => new(value.Double, value.Imaginary);

    public static double ToDouble(this Scalar value) => value.Double;

    public static Half ToHalf(this Scalar value) => (Half)value.Double;

    public static short ToInt16(this Scalar value) => (short)ToInt64(value);

    public static int ToInt32(this Scalar value) => (int)ToInt64(value);

    public static long ToInt64(this Scalar value) => value.IsFloat ? (long)value.Double : value.Long;

    public static sbyte ToSByte(this Scalar value) => (sbyte)ToInt64(value);

    public static Scalar ToScalar(this byte value) => value;

    public static Scalar ToScalar(this sbyte value) => value;

    public static Scalar ToScalar(this short value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this (float, float) value) => value;

    public static Scalar ToScalar(this Complex value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static Scalar ToScalar(this Half value) => value;

    public static float ToSingle(this Scalar value) => (float)value.Double;
}
