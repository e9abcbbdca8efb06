namespace Interp;

using System.Runtime.InteropServices;

/// <content>Reading into managed arrays.</content>
public sealed partial class SafetensorsFile
{
    /// <summary>A tensor's elements in row-major order, converted to float32.</summary>
    /// <param name="name">A tensor of F32, F64, F16 or BF16.</param>
    /// <exception cref="KeyNotFoundException">The file holds no tensor of that name.</exception>
    /// <exception cref="ArgumentException">The tensor does not hold floating-point numbers.</exception>
    public float[] ReadFloats(string name) => Entry(name).Type switch
    {
        SafetensorsType.Float32 => Raw<float>(name),
        SafetensorsType.Float64 => Array.ConvertAll(Raw<double>(name), x => (float)x),
        SafetensorsType.Float16 => Array.ConvertAll(Raw<Half>(name), x => (float)x),
        SafetensorsType.BFloat16 => Array.ConvertAll(Raw<ushort>(name), FromBFloat16),
        _ => throw NotReadable(name, "floating-point numbers", "F32, F64, F16 or BF16"),
    };

    /// <summary>A tensor's elements in row-major order, converted to float64 (without loss).</summary>
    /// <param name="name">A tensor of F32, F64, F16 or BF16.</param>
    /// <exception cref="KeyNotFoundException">The file holds no tensor of that name.</exception>
    /// <exception cref="ArgumentException">The tensor does not hold floating-point numbers.</exception>
    public double[] ReadDoubles(string name) => Entry(name).Type == SafetensorsType.Float64
        ? Raw<double>(name)
        : Array.ConvertAll(ReadFloats(name), x => (double)x);

    /// <summary>A tensor's elements in row-major order, as 64-bit integers (without loss).</summary>
    /// <param name="name">A tensor of I64, I32, I16, I8, U8 or BOOL.</param>
    /// <exception cref="KeyNotFoundException">The file holds no tensor of that name.</exception>
    /// <exception cref="ArgumentException">The tensor does not hold such integers.</exception>
    public long[] ReadLongs(string name) => Entry(name).Type switch
    {
        SafetensorsType.Int64 => Raw<long>(name),
        SafetensorsType.Int32 => Array.ConvertAll(Raw<int>(name), x => (long)x),
        SafetensorsType.Int16 => Array.ConvertAll(Raw<short>(name), x => (long)x),
        SafetensorsType.Int8 => Array.ConvertAll(Raw<sbyte>(name), x => (long)x),
        SafetensorsType.UInt8 => Array.ConvertAll(ReadBytes(name), x => (long)x),
        SafetensorsType.Bool => Array.ConvertAll(ReadBytes(name), x => x == 0 ? 0L : 1L),
        _ => throw NotReadable(name, "integers", "I64, I32, I16, I8, U8 or BOOL"),
    };

    private static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private T[] Raw<T>(string name) where T : unmanaged
    {
        var entry = Entry(name);
        var array = new T[ArrayLength(entry)];
        var bytes = MemoryMarshal.AsBytes(array.AsSpan());
        source.Copy(entry.Offset, bytes);
        return array;
    }

    private ArgumentException NotReadable(string name, string what, string types) =>
        new($"Tensor '{Entry(name)}' of '{Path}' does not hold {what} ({types}).", nameof(name));
}
