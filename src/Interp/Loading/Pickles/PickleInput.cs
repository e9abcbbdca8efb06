namespace Interp;

using System.Buffers.Binary;
using System.Text;

/// <summary>Reads a range of bytes from front to back; nothing longer than what is left is ever allocated.</summary>
internal sealed class PickleInput(IByteSource source, string file, long start, long end)
{
    private const int BufferBytes = 1 << 14;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] buffer = new byte[Math.Max(1, Math.Min(BufferBytes, end - start))];
    private long bufferStart = start;
    private int bufferLength;

    /// <summary>The next byte's place in the source.</summary>
    public long Position { get; private set; } = start;

    /// <summary>What errors call the file.</summary>
    public string File => file;

    /// <exception cref="InvalidDataException">The range has ended.</exception>
    public byte Byte()
    {
        if (Position >= bufferStart + bufferLength)
            Fill();
        return buffer[Position++ - bufferStart];
    }

    /// <summary>A whole number of one to eight bytes, little-endian, without sign.</summary>
    public ulong Unsigned(int bytes)
    {
        var value = 0UL;
        for (var i = 0; i < bytes; i++)
            value |= (ulong)Byte() << (8 * i);
        return value;
    }

    public double Float64() => BitConverter.UInt64BitsToDouble(BinaryPrimitives.ReverseEndianness(Unsigned(8)));

    /// <summary>The next bytes.</summary>
    /// <exception cref="InvalidDataException">Fewer are left.</exception>
    public byte[] Bytes(ulong count)
    {
        if (count > (ulong)(end - Position))
            throw PickleError.CutShort(file);
        if (count > (ulong)Array.MaxLength)
            throw PickleError.Bad(file, $"it holds a text or bytes of {count:N0} bytes, and {Array.MaxLength:N0} is the limit of an array");
        var bytes = new byte[count];
        source.Copy(Position, bytes);
        Position += bytes.Length;
        return bytes;
    }

    /// <summary>Text in UTF-8.</summary>
    public string Text(ulong bytes)
    {
        try
        {
            return StrictUtf8.GetString(Bytes(bytes));
        }
        catch (DecoderFallbackException problem)
        {
            throw PickleError.Bad(file, "it holds a text that is not UTF-8: it is damaged or no pickle", problem);
        }
    }

    /// <summary>ASCII up to the end of a line, which is not part of it.</summary>
    public string Line(int longest = 4096)
    {
        var text = new StringBuilder();
        for (var next = Byte(); next != '\n'; next = Byte())
        {
            if (text.Length == longest)
                throw PickleError.Bad(file, $"it holds a line of more than {longest:N0} characters: it is damaged or no pickle");
            text.Append((char)next);
        }
        return text.ToString();
    }

    private void Fill()
    {
        if (Position >= end)
            throw PickleError.CutShort(file);
        bufferStart = Position;
        bufferLength = (int)Math.Min(buffer.Length, end - Position);
        source.Copy(bufferStart, buffer.AsSpan(0, bufferLength));
    }
}
