namespace Interp.Tests.Support;

using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Text;
using static TorchSharp.torch;

/// <summary>Writes pickles opcode by opcode, and PyTorch's two kinds of files around them, hostile ones included.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream bytes = new();

    public PickleWriter() => Raw(0x80, 2);

    public PickleWriter Raw(params byte[] codes)
    {
        bytes.Write(codes);
        return this;
    }

    public PickleWriter Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Op('X').Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    public PickleWriter Long(long value) => value is >= 0 and < 256
        ? Op('K').Raw((byte)value)
        : Raw(0x8a, 8).Raw(BitConverter.GetBytes(value));

    public PickleWriter Big(BigInteger value)
    {
        var littleEndian = value.ToByteArray();
        return Raw(0x8a, (byte)littleEndian.Length).Raw(littleEndian);
    }

    public PickleWriter Double(double value)
    {
        var big = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(big, value);
        return Op('G').Raw(big);
    }

    public PickleWriter Bool(bool value) => Raw(value ? (byte)0x88 : (byte)0x89);

    public PickleWriter Global(string module, string name) => Op('c').Raw(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    public PickleWriter Op(params ReadOnlySpan<char> codes)
    {
        foreach (var code in codes)
            bytes.WriteByte((byte)code);
        return this;
    }

    public PickleWriter Longs(params long[] values)
    {
        Op('(');
        foreach (var value in values)
            Long(value);
        return Op('t');
    }

    /// <summary>The call that makes a tensor over a storage.</summary>
    public PickleWriter Tensor(string storageClass, string key, long count, long offset, long[] shape, long[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Op('(').Text("storage").Global("torch", storageClass).Text(key).Text("cpu").Long(count).Op('t', 'Q');
        Long(offset).Longs(shape).Longs(strides).Bool(false);
        return Global("collections", "OrderedDict").Op(')', 'R', 't', 'R');
    }

    /// <summary>A contiguous tensor that has a storage to itself.</summary>
    public PickleWriter Whole(string storageClass, string key, params long[] shape)
    {
        var strides = new long[shape.Length];
        var count = 1L;
        for (var axis = shape.Length - 1; axis >= 0; axis--)
            (strides[axis], count) = (count, count * shape[axis]);
        return Tensor(storageClass, key, count, 0, shape, strides);
    }

    public byte[] Done()
    {
        Op('.');
        return bytes.ToArray();
    }

    /// <summary>The archive that torch.save writes.</summary>
    public static byte[] Zip(byte[] pickle, IEnumerable<(string Key, byte[] Content)> storages, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using var content = new MemoryStream();
        using (var zip = new ZipArchive(content, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "archive/data.pkl", pickle, level);
            Add(zip, "archive/byteorder", "little"u8.ToArray(), level);
            foreach (var (key, elements) in storages)
                Add(zip, "archive/data/" + key, elements, level);
            Add(zip, "archive/version", "3\n"u8.ToArray(), level);
        }
        return content.ToArray();
    }

    /// <summary>The form before PyTorch 1.6.</summary>
    public static byte[] Legacy(byte[] pickle, params (string Key, long Count, byte[] Content)[] storages)
    {
        using var content = new MemoryStream();
        content.Write(new PickleWriter().Big(BigInteger.Parse("119547037146038801333356")).Done());
        content.Write(new PickleWriter().Long(1001).Done());
        content.Write(new PickleWriter().Op('}').Text("little_endian").Bool(true).Op('s').Done());
        content.Write(pickle);
        var keys = new PickleWriter().Op(']', '(');
        foreach (var storage in storages)
            keys.Text(storage.Key);
        content.Write(keys.Op('e').Done());
        foreach (var (_, count, elements) in storages)
        {
            content.Write(BitConverter.GetBytes(count));
            content.Write(elements);
        }
        return content.ToArray();
    }

    private static void Add(ZipArchive zip, string name, byte[] content, CompressionLevel level)
    {
        using var stream = zip.CreateEntry(name, level).Open();
        stream.Write(content);
    }
}
