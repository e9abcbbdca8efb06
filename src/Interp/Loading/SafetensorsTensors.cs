namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Between the file format's element types and torch's, and between tensors and their bytes.</summary>
internal static class SafetensorsTensors
{
    /// <summary>A span holds at most 2 GB; larger tensors pass in parts of this many bytes.</summary>
    public const long PartBytes = 1L << 30;

    /// <summary>What one thread copies at a time.</summary>
    private const long SharedBytes = 4L << 20;

    /// <summary>The torch type of the same bits, or null where torch has none that the library uses.</summary>
    public static ScalarType? Torch(this SafetensorsType type) => type switch
    {
        SafetensorsType.Bool => ScalarType.Bool,
        SafetensorsType.UInt8 => ScalarType.Byte,
        SafetensorsType.Int8 => ScalarType.Int8,
        SafetensorsType.Int16 => ScalarType.Int16,
        SafetensorsType.Int32 => ScalarType.Int32,
        SafetensorsType.Int64 => ScalarType.Int64,
        SafetensorsType.Float16 => ScalarType.Float16,
        SafetensorsType.BFloat16 => ScalarType.BFloat16,
        SafetensorsType.Float32 => ScalarType.Float32,
        SafetensorsType.Float64 => ScalarType.Float64,
        _ => null,
    };

    /// <exception cref="ArgumentException">The format has no such type.</exception>
    public static SafetensorsType Stored(ScalarType type) => type switch
    {
        ScalarType.Bool => SafetensorsType.Bool,
        ScalarType.Byte => SafetensorsType.UInt8,
        ScalarType.Int8 => SafetensorsType.Int8,
        ScalarType.Int16 => SafetensorsType.Int16,
        ScalarType.Int32 => SafetensorsType.Int32,
        ScalarType.Int64 => SafetensorsType.Int64,
        ScalarType.Float16 => SafetensorsType.Float16,
        ScalarType.BFloat16 => SafetensorsType.BFloat16,
        ScalarType.Float32 => SafetensorsType.Float32,
        ScalarType.Float64 => SafetensorsType.Float64,
        _ => throw new ArgumentException($"A tensor of {type} cannot be stored in a safetensors file: convert it first."),
    };

    /// <summary>Fills a new tensor on the CPU from a file.</summary>
    public static Tensor Read(SafetensorsFile file, SafetensorsEntry entry, ScalarType type, long partBytes = PartBytes)
    {
        var tensor = empty([.. entry.Shape], dtype: type, device: CPU);
        try
        {
            Fill(tensor, entry.Type.Size(), (start, part) => file.CopyTo(entry.Name, start, part), partBytes);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Fills a contiguous tensor on the CPU with bytes.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="size">Bytes of one element.</param>
    /// <param name="copy">Copies bytes from a place on, counted from the tensor's beginning.</param>
    /// <param name="partBytes">The most that is asked for at once.</param>
    public static void Fill(Tensor tensor, int size, Action<long, Span<byte>> copy, long partBytes = PartBytes)
    {
        if (tensor.numel() * size >= 4 * SharedBytes && partBytes >= SharedBytes)
            FillShared(tensor, size, copy);
        else
            InParts(tensor, size, partBytes, (start, part) => copy(start, part.bytes));
    }

    // Several threads: most of the time of a large copy goes into touching new memory for the first time.
    private static void FillShared(Tensor tensor, int size, Action<long, Span<byte>> copy)
    {
        using var flat = tensor.view(-1);
        var (count, each) = (tensor.numel(), SharedBytes / size);
        Parallel.For(0, (count + each - 1) / each, i =>
        {
            using var part = flat.narrow(0, i * each, Math.Min(each, count - i * each));
            copy(i * each * size, part.bytes);
        });
    }

    /// <summary>Writes a tensor's elements in row-major order, whatever its strides and device.</summary>
    public static void Write(Tensor tensor, Stream stream, long partBytes = PartBytes)
    {
        using var scope = NewDisposeScope();
        var plain = tensor.detach().to(CPU).contiguous();
        InParts(plain, (int)plain.ElementSize, partBytes, (_, part) => stream.Write(part.bytes));
    }

    private static void InParts(Tensor tensor, int size, long partBytes, Action<long, Tensor> each)
    {
        var count = tensor.numel();
        if (count == 0)
            return;
        using var flat = tensor.view(-1);
        for (var start = 0L; start < count; start += partBytes / size)
        {
            using var part = flat.narrow(0, start, Math.Min(partBytes / size, count - start));
            each(start * size, part);
        }
    }
}
