using System.Runtime.InteropServices;
using Interp.Native;

namespace TorchSharp;

// How arrays become tensors.
public static partial class torch
{
    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) =>
        data.to(dtype ?? data.dtype, device ?? data.device);

    /// <inheritdoc cref="from_array(Array, ScalarType?, Device?, bool, string[])"/>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device);

    /// <summary>A tensor of an array of any rank; the values are copied.</summary>
    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var shape = new long[rawArray.Rank];
        for (var d = 0; d < shape.Length; d++) shape[d] = rawArray.GetLongLength(d);
        return Type.GetTypeCode(rawArray.GetType().GetElementType()) switch
        {
            TypeCode.Boolean => FromSpan(Flat<bool>(rawArray), shape, dtype, device, requires_grad, names),
            TypeCode.Byte => FromSpan(Flat<byte>(rawArray), shape, dtype, device, requires_grad, names),
            TypeCode.SByte => FromSpan(Flat<sbyte>(rawArray), shape, dtype, device, requires_grad, names),
            TypeCode.Int16 => FromSpan(Flat<short>(rawArray), shape, dtype, device, requires_grad, names),
            TypeCode.Int32 => FromSpan(Flat<int>(rawArray), shape, dtype, device, requires_grad, names),
            TypeCode.Int64 => FromSpan(Flat<long>(rawArray), shape, dtype, device, requires_grad, names),
            TypeCode.Single => FromSpan(Flat<float>(rawArray), shape, dtype, device, requires_grad, names),
            TypeCode.Double => FromSpan(Flat<double>(rawArray), shape, dtype, device, requires_grad, names),
            _ => throw new NotSupportedException($"No tensor can be made of {rawArray.GetType().Name}."),
        };
    }

    private static Tensor FromSpan<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<long> shape, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) where T : unmanaged
    {
        var count = 1L;
        foreach (var d in shape) count *= d;
        if (count != values.Length) throw new ArgumentException($"{values.Length} values do not fill the shape [{string.Join(", ", shape.ToArray())}].");
        var own = Tensor.TypeOf<T>()!.Value;
        var result = s_empty.Call(Arg.Ints(shape), own, Arg.None, CPU, Arg.None);
        if (count > 0) values.CopyTo(result.Raw<T>());
        var place = device ?? s_defaultDevice;
        if ((dtype is { } wanted && wanted != own) || place is not null and not { type: DeviceType.CPU })
        {
            result = result.to(dtype ?? own, place ?? CPU, disposeAfter: true);
        }
        return Finish(result, requires_grad, names);
    }

    private static ReadOnlySpan<T> Flat<T>(IList<T> values) => values switch
    {
        T[] array => array,
        List<T> list => CollectionsMarshal.AsSpan(list),
        _ => values.ToArray(),
    };

    private static ReadOnlySpan<T> Flat<T>(Array values) =>
        values.Length == 0
            ? default
            : MemoryMarshal.CreateReadOnlySpan(
                ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(values)), values.Length);
}
