namespace Interp;

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

/// <summary>The table of contents of a zip archive, which says where each file's bytes lie, so that they can be read in place.</summary>
/// <remarks>Plain zip and its 64-bit form; nothing encrypted, nothing over several volumes. Source: the format's description, APPNOTE.TXT, 4.3 and 4.5.</remarks>
internal sealed class ZipDirectory
{
    private const uint LocalMark = 0x04034b50, CentralMark = 0x02014b50, EndMark = 0x06054b50, Locator64Mark = 0x07064b50, End64Mark = 0x06064b50;
    private const int LocalBytes = 30, CentralBytes = 46, EndBytes = 22, Locator64Bytes = 20, End64Bytes = 56;

    /// <summary>No archive of PyTorch's is packed; what others packed is unpacked up to this many times its length.</summary>
    private const long MostUnpacking = 64;

    private readonly IByteSource source;
    private readonly string file;
    private readonly Dictionary<string, ZipEntry> entries = new(StringComparer.Ordinal);

    public ZipDirectory(IByteSource source, string file)
    {
        this.source = source;
        this.file = file;
        var end = FindEnd();
        var (count, length, start) = (Number(end, 10, 2), Number(end, 12, 4), Number(end, 16, 4));
        if (count == 0xFFFF || length == 0xFFFFFFFF || start == 0xFFFFFFFF)
            (count, length, start) = ReadEnd64(end);
        ReadEntries(count, start, length);
    }

    /// <summary>The names of the files in the archive.</summary>
    public IReadOnlyCollection<string> Names => entries.Keys;

    /// <summary>Whether these bytes begin a zip archive.</summary>
    public static bool Is(IByteSource source)
    {
        Span<byte> mark = stackalloc byte[4];
        if (source.Length < EndBytes)
            return false;
        source.Copy(0, mark);
        return BinaryPrimitives.ReadUInt32LittleEndian(mark) is LocalMark or EndMark;
    }

    public bool TryGet(string name, out ZipEntry entry) => entries.TryGetValue(name, out entry!);

    /// <summary>Where the bytes of a file that is stored as it is begin.</summary>
    public long DataStart(string name, ZipEntry entry)
    {
        if (entry.Header > source.Length - LocalBytes || Number(entry.Header, 0, 4) != LocalMark)
            throw Bad($"its table of contents puts '{name}' where no file begins");
        var start = entry.Header + LocalBytes + Number(entry.Header, 26, 2) + Number(entry.Header, 28, 2);
        return start <= source.Length - entry.Packed
            ? start
            : throw Bad($"'{name}' reaches beyond its end: it is cut short; fetch it again");
    }

    /// <summary>A file's bytes in memory or in place.</summary>
    public (IByteSource Source, long Start, long Length) Open(string name)
    {
        var entry = entries[name];
        var start = DataStart(name, entry);
        return entry.Stored ? (source, start, entry.Length) : (Unpack(name, entry, start), 0, entry.Length);
    }

    private BytesInMemory Unpack(string name, ZipEntry entry, long start)
    {
        if (entry.Length > MostUnpacking * Math.Max(entry.Packed, 1024) || entry.Length > Array.MaxLength)
            throw Bad($"'{name}' would be {entry.Length:N0} bytes out of {entry.Packed:N0}, more than is unpacked here: save the file again with torch.save, which does not pack");
        var packed = new byte[entry.Packed];
        source.Copy(start, packed);
        var content = new byte[entry.Length];
        using var inflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        try
        {
            inflate.ReadExactly(content);
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException)
        {
            throw PickleError.Bad(file, $"'{name}' cannot be unpacked: it is damaged; fetch it again", problem);
        }
        return new BytesInMemory(content);
    }

    // The end record is the last one; a comment of up to 65,535 bytes may follow it.
    private long FindEnd()
    {
        var tail = new byte[Math.Min(source.Length, EndBytes + 0xFFFF)];
        source.Copy(source.Length - tail.Length, tail);
        for (var i = tail.Length - EndBytes; i >= 0; i--)
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) == EndMark)
                return source.Length - tail.Length + i;
        throw Bad("it begins as a zip archive and has no table of contents at its end: it is cut short; fetch it again");
    }

    private (long Count, long Length, long Start) ReadEnd64(long end)
    {
        var locator = end - Locator64Bytes;
        if (locator < 0 || Number(locator, 0, 4) != Locator64Mark)
            throw Bad("it has no 64-bit table of contents where one should be: it is damaged; fetch it again");
        var record = Number(locator, 8, 8);
        if (record < 0 || record > source.Length - End64Bytes || Number(record, 0, 4) != End64Mark)
            throw Bad("it has no 64-bit table of contents where one should be: it is damaged; fetch it again");
        return (Number(record, 32, 8), Number(record, 40, 8), Number(record, 48, 8));
    }

    private void ReadEntries(long count, long start, long length)
    {
        if (start < 0 || length < 0 || start > source.Length - length || count < 0 || count > length / CentralBytes)
            throw Bad("its table of contents does not lie inside it: it is cut short or damaged; fetch it again");
        for (var place = start; count > 0; count--)
        {
            if (place > start + length - CentralBytes || Number(place, 0, 4) != CentralMark)
                throw Bad("its table of contents is damaged: fetch it again");
            place = ReadEntry(place, start + length);
        }
    }

    private long ReadEntry(long place, long end)
    {
        var (nameLength, extraLength, commentLength) = ((int)Number(place, 28, 2), (int)Number(place, 30, 2), (int)Number(place, 32, 2));
        var next = place + CentralBytes + nameLength + extraLength + commentLength;
        if (next > end)
            throw Bad("its table of contents is damaged: fetch it again");
        var bytes = new byte[nameLength + extraLength];
        source.Copy(place + CentralBytes, bytes);
        var name = Encoding.UTF8.GetString(bytes, 0, nameLength);
        var (length, packed, header) = Sizes(place, bytes.AsSpan(nameLength));
        if ((Number(place, 8, 2) & 1) != 0)
            throw Bad($"'{name}' in it is encrypted");
        var method = Number(place, 10, 2);
        if (method is not (0 or 8))
            throw Bad($"'{name}' in it is packed by method {method}, and 0 (stored) and 8 (deflate) are known");
        if (length < 0 || packed < 0 || header < 0 || packed > source.Length || (method == 0 && packed != length))
            throw Bad($"its table of contents gives '{name}' a length that cannot be: it is damaged; fetch it again");
        if (!entries.TryAdd(name, new ZipEntry(header, packed, length, method == 0)))
            throw Bad($"it holds '{name}' twice");
        return next;
    }

    // A field of all ones stands in the 64-bit part instead, in this order.
    private (long Length, long Packed, long Header) Sizes(long place, ReadOnlySpan<byte> extra)
    {
        var (length, packed, header) = (Number(place, 24, 4), Number(place, 20, 4), Number(place, 42, 4));
        var wide = Wide(extra);
        return (Widened(length, ref wide), Widened(packed, ref wide), Widened(header, ref wide));
    }

    private long Widened(long value, ref ReadOnlySpan<byte> wide)
    {
        if (value != 0xFFFFFFFF)
            return value;
        if (wide.Length < 8)
            throw Bad("its table of contents lacks a 64-bit length: it is damaged; fetch it again");
        var long64 = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[8..];
        return long64;
    }

    private static ReadOnlySpan<byte> Wide(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var (kind, length) = (BinaryPrimitives.ReadUInt16LittleEndian(extra), BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]));
            if (length > extra.Length - 4)
                break;
            if (kind == 1)
                return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }
        return [];
    }

    private long Number(long place, int offset, int bytes)
    {
        Span<byte> field = stackalloc byte[8];
        field.Clear();
        source.Copy(place + offset, field[..bytes]);
        return BinaryPrimitives.ReadInt64LittleEndian(field);
    }

    private InvalidDataException Bad(string fact) => PickleError.Bad(file, fact);
}
