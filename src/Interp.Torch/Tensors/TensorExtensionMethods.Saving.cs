using static TorchSharp.torch;

namespace TorchSharp;

// A tensor in a stream: type, rank, sizes, then the elements in order, all little-endian.
public static partial class TensorExtensionMethods
{
    private const int Mark = 0x31544e49;

    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        writer.Write(Mark);
        writer.Write((sbyte)tensor.dtype);
        var shape = tensor.shape;
        writer.Write(shape.Length);
        foreach (var d in shape) writer.Write(d);
        writer.Flush();
        using (no_grad())
        {
            using var plain = tensor.detach();
            plain.WriteBytesToStream(writer.BaseStream);
        }
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, true);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        var (type, shape) = Header(reader);
        var result = empty(shape, type);
        result.ReadBytesFromStream(reader.BaseStream);
        return result;
    }

    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        using var loaded = Load(reader);
        if (skip) return;
        using (no_grad()) tensor.copy_(loaded);
    }

    private static (ScalarType Type, long[] Shape) Header(BinaryReader reader)
    {
        if (reader.ReadInt32() != Mark) throw new InvalidDataException("No tensor saved by this library starts here.");
        var type = (ScalarType)reader.ReadSByte();
        if (!Enum.IsDefined(type)) throw new InvalidDataException($"Element type {(int)type} is unknown.");
        var rank = reader.ReadInt32();
        if (rank is < 0 or > 64) throw new InvalidDataException($"A tensor of {rank} dimensions: 0 to 64 are possible.");
        var shape = new long[rank];
        for (var k = 0; k < rank; k++)
        {
            shape[k] = reader.ReadInt64();
            if (shape[k] < 0) throw new InvalidDataException($"Dimension {k} has size {shape[k]}.");
        }
        return (type, shape);
    }
}
