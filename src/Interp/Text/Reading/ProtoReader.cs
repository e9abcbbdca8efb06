namespace Interp;

using System.Buffers.Binary;

/// <summary>Reads the fields of one protocol-buffers message, every length checked.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message, string source)
{
    private readonly ReadOnlySpan<byte> message = message;
    private int at;
    private int wire;

    /// <summary>The number of the field that stands next.</summary>
    public int Field { get; private set; }

    /// <summary>Goes on to the next field; false at the end.</summary>
    public bool Next()
    {
        if (at == message.Length)
            return false;
        var tag = Varint();
        (Field, wire) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        return Field > 0 ? true : throw Error("a field has no number");
    }

    public ReadOnlySpan<byte> Bytes()
    {
        Expect(2);
        var length = Varint();
        if (length > (ulong)(message.Length - at))
            throw Error($"a field of {length} bytes stands where only {message.Length - at} are left; the file is cut short or damaged");
        at += (int)length;
        return message.Slice(at - (int)length, (int)length);
    }

    public int Int()
    {
        Expect(0);
        return unchecked((int)Varint());
    }

    public bool Flag() => Int() != 0;

    public float Float()
    {
        Expect(5);
        return BinaryPrimitives.ReadSingleLittleEndian(Fixed(4));
    }

    public void Skip()
    {
        switch (wire)
        {
            case 0:
                Varint();
                break;
            case 1:
                Fixed(8);
                break;
            case 2:
                Bytes();
                break;
            case 5:
                Fixed(4);
                break;
            default:
                throw Error($"a field is of unknown kind {wire}");
        }
    }

    private ReadOnlySpan<byte> Fixed(int length)
    {
        if (length > message.Length - at)
            throw Error("a number is cut short");
        at += length;
        return message.Slice(at - length, length);
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at == message.Length)
                throw Error("a number is cut short");
            var b = message[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw Error("a number is longer than 64 bits");
    }

    private readonly void Expect(int kind)
    {
        if (wire != kind)
            throw Error($"field {Field} is of kind {wire}, not {kind}");
    }

    private readonly InvalidDataException Error(string fact) =>
        new($"{source} is no SentencePiece model: {fact} (byte {at} of a part of {message.Length}).");
}
