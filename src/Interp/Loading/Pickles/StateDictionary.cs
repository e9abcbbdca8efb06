namespace Interp;

using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Writes named tensors as <c>torch.save</c> writes a state dictionary: an archive with a pickle of the names, and each tensor's elements beside it.</summary>
/// <remarks>Source: PyTorch's <c>serialization.py</c> and Python's <c>pickletools</c>, protocol 2.</remarks>
internal static class StateDictionary
{
    /// <summary>Writes the file: whole, or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    /// <param name="tensors">Names and tensors of float64, float32, float16 or bfloat16; they stay the caller's.</param>
    /// <exception cref="ArgumentException">A tensor has another type.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        var pickle = Pickle(tensors);
        var temporary = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew))
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
            {
                Put(archive, "data.pkl", entry => entry.Write(pickle));
                Put(archive, "byteorder", entry => entry.Write("little"u8));
                for (var i = 0; i < tensors.Count; i++)
                    Put(archive, $"data/{i}", entry => SafetensorsTensors.Write(tensors[i].Tensor, entry));
                Put(archive, "version", entry => entry.Write("3\n"u8));
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void Put(ZipArchive archive, string name, Action<Stream> write)
    {
        using var entry = archive.CreateEntry($"archive/{name}", CompressionLevel.NoCompression).Open();
        write(entry);
    }

    private static byte[] Pickle(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        using var bytes = new MemoryStream();
        using var pickle = new BinaryWriter(bytes, Encoding.UTF8);
        pickle.Write([0x80, 2]); // protocol 2
        Ordered(pickle);
        pickle.Write((byte)'(');
        for (var i = 0; i < tensors.Count; i++)
        {
            Text(pickle, tensors[i].Name);
            Rebuilt(pickle, tensors[i].Tensor, $"{i}");
        }
        pickle.Write("u."u8); // the pairs go into the dictionary; end
        pickle.Flush();
        return bytes.ToArray();
    }

    // torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)
    private static void Rebuilt(BinaryWriter pickle, Tensor tensor, string key)
    {
        var shape = tensor.shape;
        var strides = new long[shape.Length];
        for (var (axis, stride) = (shape.Length - 1, 1L); axis >= 0; axis--)
            (strides[axis], stride) = (stride, stride * shape[axis]);
        Global(pickle, "torch._utils", "_rebuild_tensor_v2");
        pickle.Write("(("u8);
        Text(pickle, "storage");
        Global(pickle, "torch", Storage(tensor.dtype));
        Text(pickle, key);
        Text(pickle, "cpu");
        Number(pickle, tensor.numel());
        pickle.Write("tQ"u8); // the tuple names a storage
        Number(pickle, 0);
        Numbers(pickle, shape);
        Numbers(pickle, strides);
        pickle.Write((byte)0x89); // False
        Ordered(pickle);
        pickle.Write("tR"u8); // the call's tuple; call
    }

    private static void Ordered(BinaryWriter pickle)
    {
        Global(pickle, "collections", "OrderedDict");
        pickle.Write(")R"u8);
    }

    private static void Global(BinaryWriter pickle, string module, string name) => pickle.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    private static void Text(BinaryWriter pickle, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        pickle.Write((byte)'X');
        pickle.Write(utf8.Length);
        pickle.Write(utf8);
    }

    private static void Numbers(BinaryWriter pickle, long[] values)
    {
        pickle.Write((byte)'(');
        foreach (var value in values)
            Number(pickle, value);
        pickle.Write((byte)'t');
    }

    private static void Number(BinaryWriter pickle, long value)
    {
        if (value <= int.MaxValue)
        {
            pickle.Write((byte)'J');
            pickle.Write((int)value);
            return;
        }
        pickle.Write([0x8a, 8]);
        pickle.Write(value);
    }

    private static string Storage(ScalarType type) => type switch
    {
        ScalarType.Float64 => "DoubleStorage",
        ScalarType.Float32 => "FloatStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        _ => throw new ArgumentException($"Tensors of {type} are not written as a state dictionary: float64, float32, float16 and bfloat16 are.", nameof(type)),
    };
}
