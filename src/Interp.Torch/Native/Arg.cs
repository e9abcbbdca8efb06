using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Interp.Native;

/// <summary>
/// One argument of a boxed call, read by the shim in place. <see cref="_owner"/> keeps the managed owner of a handle alive during the call.
/// </summary>
// The runtime lays a struct with a reference out by itself: reference first, then by falling size. shim.h has this order.
internal readonly struct Arg
{
    internal const int NoneTag = 0, TensorTag = 1, IntTag = 2, DoubleTag = 3, BoolTag = 4, StringTag = 5, IntsTag = 6, TensorsTag = 7,
        OptionalTensorsTag = 8, DoublesTag = 9, DeviceTag = 10, GeneratorTag = 11, DefaultTag = 12;

    private readonly object? _owner;
    internal readonly long Bits;
    internal readonly int Tag;
    internal readonly int Length;

    private Arg(int tag, long bits, object? owner = null, int length = 0)
    {
        _owner = owner;
        Tag = tag;
        Length = length;
        Bits = bits;
    }

    /// <summary>An absent optional.</summary>
    internal static Arg None => default;

    /// <summary>The value the schema declares.</summary>
    internal static Arg Default => new(DefaultTag, 0);

    public static implicit operator Arg(Tensor? t) => t is null ? default : new(TensorTag, t.Handle, t);
    public static implicit operator Arg(long v) => new(IntTag, v);
    public static implicit operator Arg(int v) => new(IntTag, v);
    public static implicit operator Arg(double v) => new(DoubleTag, BitConverter.DoubleToInt64Bits(v));
    public static implicit operator Arg(bool v) => new(BoolTag, v ? 1 : 0);
    public static implicit operator Arg(long? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(double? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(bool? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(ScalarType v) => new(IntTag, (long)v);
    public static implicit operator Arg(ScalarType? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(Device? v) => v is null ? default : new(DeviceTag, (long)v.type, null, v.index);
    public static implicit operator Arg(Generator? v) => v is null ? default : new(GeneratorTag, v.Handle, v);
    public static implicit operator Arg(TorchSharp.Scalar? v)
    {
        if (v is null) return default;
        if (v.Imaginary != 0) throw new NotSupportedException("Complex numbers are not supported as a Scalar argument: use a tensor.");
        return v.IsFloat ? v.Double : v.IsBool ? v.Long != 0 : v.Long;
    }

    public static implicit operator Arg(string? v)
    {
        if (v is null) return default;
        var bytes = System.Text.Encoding.UTF8.GetBytes(v);
        var block = new NativeBlock(bytes.Length + 1);
        bytes.CopyTo(block.Span<byte>(bytes.Length));
        return new(StringTag, block.Address, block, bytes.Length);
    }

    /// <summary>A list of integers, copied.</summary>
    internal static unsafe Arg Ints(ReadOnlySpan<long> values)
    {
        var memory = Scratch.Take(values.Length, out var owner);
        values.CopyTo(new Span<long>(memory, values.Length));
        return new(IntsTag, (long)memory, owner, values.Length);
    }

    /// <summary>An optional list of integers.</summary>
    internal static Arg OptionalInts(long[]? values) => values is null ? default : Ints(values);

    /// <summary>A list of floating point numbers, copied.</summary>
    internal static unsafe Arg Doubles(ReadOnlySpan<double> values)
    {
        var memory = Scratch.Take(values.Length, out var owner);
        values.CopyTo(new Span<double>(memory, values.Length));
        return new(DoublesTag, (long)memory, owner, values.Length);
    }

    /// <summary>A list of tensors. The list itself is the owner: it must not change during the call.</summary>
    internal static Arg Tensors(IEnumerable<Tensor> values) => Tensors((values as Tensor[] ?? [.. values]).AsSpan());

    /// <inheritdoc cref="Tensors(IEnumerable{Tensor})"/>
    internal static Arg Tensors(ReadOnlySpan<Tensor> values) => List(TensorsTag, values!);

    /// <summary>A list of tensors some of which may be absent, as indexing takes it.</summary>
    internal static Arg OptionalTensors(ReadOnlySpan<Tensor?> values) => List(OptionalTensorsTag, values);

    private static unsafe Arg List(int tag, ReadOnlySpan<Tensor?> values)
    {
        var block = new NativeBlock(values.Length * sizeof(nint) + 1) { Keep = values.ToArray() };
        var handles = block.Span<nint>(values.Length);
        for (var k = 0; k < values.Length; k++)
        {
            if (values[k] is null && tag == TensorsTag) throw new ArgumentNullException(nameof(values), $"Tensor {k} of the list is null.");
            handles[k] = values[k]?.Handle ?? 0;
        }
        return new(tag, block.Address, block, values.Length);
    }
}

/// <summary>Unmanaged memory that lives as long as this object.</summary>
internal sealed unsafe class NativeBlock(int bytes)
{
    internal nint Address { get; } = (nint)NativeMemory.Alloc((nuint)Math.Max(bytes, 1));

    internal object? Keep { get; init; }

    internal Span<T> Span<T>(int count) where T : unmanaged => new((void*)Address, count);

    ~NativeBlock() => NativeMemory.Free((void*)Address);
}

/// <summary>
/// Per-thread memory for short lists of sizes. It is a ring: a list stays valid until another 4,096 numbers were asked for, far longer than
/// the call it is an argument of; long lists get memory of their own.
/// </summary>
internal static unsafe class Scratch
{
    private const int Capacity = 4096, Longest = 64;

    [ThreadStatic] private static NativeBlock? t_ring;
    [ThreadStatic] private static int t_next;

    internal static void* Take(int count, out object? owner)
    {
        if (count > Longest)
        {
            var block = new NativeBlock(count * sizeof(long));
            owner = block;
            return (void*)block.Address;
        }
        var ring = t_ring ??= new NativeBlock(Capacity * sizeof(long));
        if (t_next + count > Capacity) t_next = 0;
        var at = (long*)ring.Address + t_next;
        t_next += count;
        owner = ring;
        return at;
    }
}
