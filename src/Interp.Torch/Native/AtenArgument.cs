using TorchSharp;
using static TorchSharp.torch;

namespace Interp.Native;

/// <summary>One argument of <see cref="Aten.Call"/>: a tensor, a number, a list, a name, or <see cref="None"/> and <see cref="Default"/>.</summary>
public readonly struct AtenArgument
{
    private readonly Arg _arg;

    private AtenArgument(Arg arg) => _arg = arg;

    /// <summary>An absent optional.</summary>
    public static AtenArgument None => new(Arg.None);

    /// <summary>What the schema gives when nothing is said.</summary>
    public static AtenArgument Default => new(Arg.Default);

    /// <summary>A tensor; null is an absent optional.</summary>
    public static implicit operator AtenArgument(Tensor? value) => new(value);

    /// <summary>An integer, also for a Scalar.</summary>
    public static implicit operator AtenArgument(long value) => new(value);

    /// <summary>An integer, also for a Scalar.</summary>
    public static implicit operator AtenArgument(int value) => new(value);

    /// <summary>A floating point number, also for a Scalar.</summary>
    public static implicit operator AtenArgument(double value) => new(value);

    /// <summary>A truth value.</summary>
    public static implicit operator AtenArgument(bool value) => new(value);

    /// <summary>A name.</summary>
    public static implicit operator AtenArgument(string value) => new(value);

    /// <summary>An element type.</summary>
    public static implicit operator AtenArgument(ScalarType value) => new(value);

    /// <summary>A device.</summary>
    public static implicit operator AtenArgument(Device value) => new(value);

    /// <summary>A source of random numbers.</summary>
    public static implicit operator AtenArgument(Generator value) => new(value);

    /// <summary>A number with its type.</summary>
    public static implicit operator AtenArgument(Scalar value) => new(value);

    /// <summary>A list of integers.</summary>
    public static implicit operator AtenArgument(long[] value) => new(Arg.Ints(value));

    /// <summary>A list of floating point numbers.</summary>
    public static implicit operator AtenArgument(double[] value) => new(Arg.Doubles(value));

    /// <summary>A list of tensors.</summary>
    public static implicit operator AtenArgument(Tensor[] value) => new(Arg.Tensors(value));

    /// <summary>A list of tensors some of which may be absent (Tensor?[]).</summary>
    public static AtenArgument Optional(params Tensor?[] values) => new(Arg.OptionalTensors(values));
}
