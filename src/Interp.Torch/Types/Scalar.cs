using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// A number with its type, as an operator's argument. It is a managed value: nothing native stands behind it, and disposing it does nothing.
/// </summary>
public sealed class Scalar : IDisposable
{
    private Scalar(ScalarType type, long integer, double real, double imaginary = 0)
    {
        Type = type;
        Long = integer;
        Double = real;
        Imaginary = imaginary;
    }

    public ScalarType Type { get; }

    internal long Long { get; }

    internal double Double { get; }

    internal double Imaginary { get; }

    internal bool IsBool => Type == ScalarType.Bool;

    internal bool IsFloat => is_floating_point(Type) || is_complex(Type);

    internal static Scalar Of(ScalarType type, double value) => new(type, (long)value, value);

    public void Dispose()
    {
    }

    public static implicit operator Scalar(byte value) => new(ScalarType.Byte, value, value);

    public static implicit operator Scalar(sbyte value) => new(ScalarType.Int8, value, value);

    public static implicit operator Scalar(short value) => new(ScalarType.Int16, value, value);

    public static implicit operator Scalar(int value) => new(ScalarType.Int32, value, value);

    public static implicit operator Scalar(long value) => new(ScalarType.Int64, value, value);

    public static implicit operator Scalar(Half value) => Of(ScalarType.Float16, (double)value);

    public static implicit operator Scalar(float value) => Of(ScalarType.Float32, value);

    public static implicit operator Scalar(double value) => Of(ScalarType.Float64, value);

    public static implicit operator Scalar(bool value) => new(ScalarType.Bool, value ? 1 : 0, value ? 1 : 0);

    public static implicit operator Scalar((float, float) value) => new(ScalarType.ComplexFloat32, 0, value.Item1, value.Item2);

    public static implicit operator Scalar(Complex value) => new(ScalarType.ComplexFloat64, 0, value.Real, value.Imaginary);
}
