namespace Interp;

using System.Buffers.Binary;

/// <summary>A safetensors file, mapped into memory; every offset, length, type and shape in it is checked on opening.</summary>
/// <remarks>Safe to read from several threads. Nothing of the data is read before it is asked for.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class SafetensorsFile : ITensorFile
{
    private readonly SafetensorsHeader header;
    private IByteSource source;

    private SafetensorsFile(string path, IByteSource source)
    {
        Path = path;
        this.source = source;
        header = ReadHeader();
        Names = [.. header.Entries.Values.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => entry.Name)];
    }

    /// <summary>The file's path as it was given; for bytes in memory the name they were given.</summary>
    public string Path { get; }

    /// <summary>The names of the tensors, in the order of their data.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The free text that the file's writer left, by key; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Opens and checks a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no safetensors file, is cut short or contradicts itself.</exception>
    public static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        var source = new MappedBytes(path);
        try
        {
            return new SafetensorsFile(path, source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Checks a file that is in memory, such as an embedded resource.</summary>
    /// <param name="content">The whole file; it must not change afterwards.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidDataException">The bytes are no safetensors file, are cut short or contradict themselves.</exception>
    public static SafetensorsFile Open(ReadOnlyMemory<byte> content, string name) => new(name, new BytesInMemory(content));

    /// <summary>Whether the file holds a tensor of this name.</summary>
    /// <param name="name">The tensor's name.</param>
    public bool Contains(string name) => header.Entries.ContainsKey(name);

    /// <summary>What a tensor is and where it lies.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="KeyNotFoundException">The file holds no tensor of that name; the message names the nearest.</exception>
    public SafetensorsEntry Entry(string name) =>
        header.Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new KeyNotFoundException($"Safetensors file '{Path}' has no tensor '{name}' among its {Names.Count}.{NearestName.Hint(name, Names)}");

    /// <summary>A tensor's bytes, as they are stored (little-endian, row-major).</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="KeyNotFoundException">The file holds no tensor of that name.</exception>
    /// <exception cref="ArgumentException">The tensor is larger than one array can be; use <see cref="CopyTo"/>.</exception>
    public byte[] ReadBytes(string name)
    {
        var entry = Entry(name);
        var bytes = new byte[ArrayLength(entry) * entry.Type.Size()];
        CopyTo(name, 0, bytes);
        return bytes;
    }

    /// <summary>Copies a part of a tensor's bytes.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="start">The first byte, counted from the tensor's beginning.</param>
    /// <param name="destination">Where the bytes go; its length says how many.</param>
    /// <exception cref="KeyNotFoundException">The file holds no tensor of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches beyond the tensor.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public void CopyTo(string name, long start, Span<byte> destination)
    {
        var entry = Entry(name);
        if (start < 0 || start > entry.ByteCount - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(start), start,
                $"Tensor '{name}' has {entry.ByteCount:N0} bytes; {destination.Length:N0} from byte {start:N0} on are not in it.");
        source.Copy(entry.Offset + start, destination);
    }

    /// <summary>Ends the mapping; what has been read stays valid.</summary>
    public void Dispose() => Interlocked.Exchange(ref source, ClosedBytes.Instance).Dispose();

    TensorEntry ITensorFile.Describe(string name)
    {
        var entry = Entry(name);
        return new TensorEntry(name, entry.Type.Torch(), entry.Shape);
    }

    /// <summary>The file, and how many tensors it holds.</summary>
    public override string ToString() => $"{System.IO.Path.GetFileName(Path)}: {Names.Count} tensors";

    private static int ArrayLength(SafetensorsEntry entry) =>
        entry.ByteCount <= Array.MaxLength
            ? (int)entry.Count
            : throw new ArgumentException($"Tensor '{entry}' has {entry.ByteCount:N0} bytes, and {Array.MaxLength:N0} is the limit of an array. Read it as a tensor or in parts.");

    private SafetensorsHeader ReadHeader()
    {
        if (source.Length < 8)
            throw SafetensorsHeader.Bad(Path, $"it has {source.Length} bytes, and the shortest possible has 10: it is cut short; fetch it again");
        Span<byte> stated = stackalloc byte[8];
        source.Copy(0, stated);
        var json = new byte[SafetensorsHeader.CheckLength(Path, BinaryPrimitives.ReadUInt64LittleEndian(stated), source.Length)];
        source.Copy(8, json);
        return SafetensorsHeader.Parse(Path, json, source.Length);
    }
}
