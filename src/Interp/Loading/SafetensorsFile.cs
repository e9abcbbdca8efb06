namespace Interp;

using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

/// <summary>A safetensors file, mapped into memory; every offset, length, type and shape in it is checked on opening.</summary>
/// <remarks>Safe to read from several threads. Nothing of the data is read before it is asked for.</remarks>
public sealed partial class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly SafetensorsHeader header;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, long length)
    {
        Path = path;
        this.map = map;
        this.view = view;
        header = ReadHeader(length);
        Names = [.. header.Entries.Values.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => entry.Name)];
    }

    /// <summary>The file's path as it was given.</summary>
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
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var length = stream.Length;
        if (length < 8)
            throw SafetensorsHeader.Bad(path, $"it has {length} bytes, and the shortest possible has 10: it is cut short; fetch it again");
        MemoryMappedFile? map = null;
        MemoryMappedViewAccessor? view = null;
        try
        {
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(path, map, view, length);
        }
        catch
        {
            view?.Dispose();
            map?.Dispose();
            throw;
        }
    }

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
        Copy(entry.Offset + start, destination);
    }

    /// <summary>Ends the mapping; what has been read stays valid.</summary>
    public void Dispose()
    {
        view.Dispose();
        map.Dispose();
    }

    private static int ArrayLength(SafetensorsEntry entry) =>
        entry.ByteCount <= Array.MaxLength
            ? (int)entry.Count
            : throw new ArgumentException($"Tensor '{entry}' has {entry.ByteCount:N0} bytes, and {Array.MaxLength:N0} is the limit of an array. Read it as a tensor or in parts.");

    private SafetensorsHeader ReadHeader(long length)
    {
        Span<byte> stated = stackalloc byte[8];
        Copy(0, stated);
        var json = new byte[SafetensorsHeader.CheckLength(Path, BinaryPrimitives.ReadUInt64LittleEndian(stated), length)];
        Copy(8, json);
        return SafetensorsHeader.Parse(Path, json, length);
    }

    /// <summary>Copies from the mapping; the pointer is held only meanwhile, so that disposal on another thread waits.</summary>
    private unsafe void Copy(long offset, Span<byte> destination)
    {
        byte* pointer = null;
        var handle = view.SafeMemoryMappedViewHandle;
        handle.AcquirePointer(ref pointer);
        try
        {
            new ReadOnlySpan<byte>(pointer + view.PointerOffset + offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            handle.ReleasePointer();
        }
    }
}
