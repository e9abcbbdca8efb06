namespace Interp;

using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

/// <summary>Lays out a safetensors file and puts it in place whole or not at all.</summary>
internal sealed class SafetensorsWriter
{
    private readonly List<Item> items = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    private sealed record Item(string Name, SafetensorsType Type, long[] Shape, long ByteCount, Action<Stream> Write);

    /// <summary>Announces a tensor; <paramref name="write"/> is called once, later, and writes its bytes.</summary>
    /// <exception cref="ArgumentException">The name is taken or reserved.</exception>
    public void Add(string name, SafetensorsType type, long[] shape, Action<Stream> write)
    {
        if (name == "__metadata__")
            throw new ArgumentException("The format keeps the name '__metadata__' for itself: give the tensor another.", nameof(name));
        if (!names.Add(name))
            throw new ArgumentException($"Two tensors are named '{name}': give one of them another name.", nameof(name));
        var bytes = shape.Aggregate((long)type.Size(), (product, extent) => checked(product * extent));
        items.Add(new Item(name, type, shape, bytes, write));
    }

    public void Add(string name, SafetensorsType type, long[] shape, ReadOnlyMemory<byte> bytes) =>
        Add(name, type, shape, stream => stream.Write(bytes.Span));

    /// <summary>Writes beside the target, then moves: a reader sees the old file or the new one, never a part.</summary>
    public void Save(string path, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                WriteAll(stream, metadata);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private void WriteAll(Stream stream, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        // Widest elements first: each tensor then begins at a multiple of its element size.
        var ordered = items.OrderByDescending(item => item.Type.Size()).ToArray();
        var header = Header(ordered, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var item in ordered)
            WriteItem(stream, item);
    }

    private static void WriteItem(Stream stream, Item item)
    {
        var before = stream.Position;
        item.Write(stream);
        if (stream.Position - before != item.ByteCount)
            throw new ArgumentException($"Tensor '{item.Name}', {item.Type.WireName()} [{string.Join(", ", item.Shape)}], needs {item.ByteCount:N0} bytes and brought {stream.Position - before:N0}.");
    }

    private static byte[] Header(Item[] ordered, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            WriteEntries(json, ordered);
            json.WriteEndObject();
        }
        // Spaces up to a multiple of eight align the data.
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        if (metadata is null)
            return;
        json.WriteStartObject("__metadata__");
        foreach (var (key, value) in metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntries(Utf8JsonWriter json, Item[] ordered)
    {
        var offset = 0L;
        foreach (var item in ordered)
        {
            json.WriteStartObject(item.Name);
            json.WriteString("dtype", item.Type.WireName());
            json.WriteStartArray("shape");
            foreach (var extent in item.Shape)
                json.WriteNumberValue(extent);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += item.ByteCount);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
