namespace Interp;

using System.Text.Json;

/// <summary>The header of a safetensors file, parsed with nothing taken on trust.</summary>
/// <remarks>
/// A file is: eight bytes, the header's length n (little-endian); n bytes of JSON; the data. The JSON maps each name to
/// <c>dtype</c>, <c>shape</c> and <c>data_offsets</c> [begin, end), relative to the data. The tensors cover the data without gap
/// or overlap. Source: the format's description at github.com/huggingface/safetensors.
/// </remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header that is read, as in the reference implementation.</summary>
    public const long Limit = 100_000_000;

    private readonly string file;
    private readonly long dataStart;
    private readonly long dataLength;
    private readonly Dictionary<string, SafetensorsEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string file, long dataStart, long dataLength)
    {
        this.file = file;
        this.dataStart = dataStart;
        this.dataLength = dataLength;
    }

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => entries;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>The header's length as the first eight bytes state it, checked against the file's length.</summary>
    public static int CheckLength(string file, ulong stated, long fileLength)
    {
        if (stated > Limit)
            throw Bad(file, $"its first eight bytes state a header of {stated:N0} bytes, and at most {Limit:N0} are read: this is no safetensors file");
        if ((long)stated > fileLength - 8)
            throw Bad(file, $"it states a header of {stated:N0} bytes and has only {fileLength - 8:N0} bytes after the length: it is cut short; fetch it again");
        return (int)stated;
    }

    /// <exception cref="InvalidDataException">The header is not what the format demands.</exception>
    public static SafetensorsHeader Parse(string file, ReadOnlySpan<byte> json, long fileLength)
    {
        var start = 8L + json.Length;
        var header = new SafetensorsHeader(file, start, fileLength - start);
        try
        {
            header.ReadAll(json);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw Bad(file, $"its header is not valid JSON ({problem.Message}): it is damaged or no safetensors file; fetch it again", problem);
        }
        header.CheckCoverage();
        return header;
    }

    public static InvalidDataException Bad(string file, string fact, Exception? inner = null) =>
        new($"Safetensors file '{file}': {fact}.", inner);

    private InvalidDataException Bad(string fact) => Bad(file, fact);

    private void ReadAll(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Bad("its header is not a JSON object: this is no safetensors file");
        var sawMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name != "__metadata__")
                Add(ReadEntry(ref reader, name));
            else if (sawMetadata)
                throw Bad("its header holds '__metadata__' twice");
            else
            {
                ReadMetadata(ref reader);
                sawMetadata = true;
            }
        }
        // A last Read makes the reader reject anything but spaces behind the object.
        reader.Read();
    }

    private void Add(SafetensorsEntry entry)
    {
        if (!entries.TryAdd(entry.Name, entry))
            throw Bad($"its header names the tensor '{entry.Name}' twice");
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Bad("'__metadata__' is not an object of strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Bad($"'__metadata__' holds something that is not a string under '{key}'");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw Bad($"'__metadata__' holds '{key}' twice");
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Bad($"tensor '{name}' is not described by an object");
        SafetensorsType? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (key == "dtype")
                type = Once(type is null, name, key) ? ReadType(ref reader, name) : null;
            else if (key == "shape")
                shape = Once(shape is null, name, key) ? ReadNumbers(ref reader, name, key) : null;
            else if (key == "data_offsets")
                offsets = Once(offsets is null, name, key) ? ReadNumbers(ref reader, name, key) : null;
            else
                reader.Skip();
        }
        if (type is not { } known || shape is null || offsets is null)
            throw Bad($"tensor '{name}' lacks {(type is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        return Check(name, known, shape, offsets);
    }

    private bool Once(bool first, string name, string key) =>
        first ? true : throw Bad($"tensor '{name}' states {key} twice");

    private SafetensorsType ReadType(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw Bad($"the dtype of tensor '{name}' is not a string");
        var text = reader.GetString()!;
        return SafetensorsTypes.Parse(text)
            ?? throw Bad($"tensor '{name}' has the dtype '{text}', and known are {SafetensorsTypes.Known}: convert the file to one of these");
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Bad($"the {key} of tensor '{name}' is not an array");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Bad($"element {numbers.Count} of the {key} of tensor '{name}' is not a whole number from 0 to {long.MaxValue}");
            numbers.Add(number);
        }
        return numbers;
    }

    private SafetensorsEntry Check(string name, SafetensorsType type, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2)
            throw Bad($"tensor '{name}' has {offsets.Count} data_offsets, not 2");
        var (begin, end) = (offsets[0], offsets[1]);
        if (begin > end)
            throw Bad($"tensor '{name}' ends at byte {end:N0}, before its begin at {begin:N0}");
        if (end > dataLength)
            throw Bad($"tensor '{name}' ends at byte {end:N0} of the data, and the file holds {dataLength:N0}: it is cut short; fetch it again");
        if (ByteCount(shape, type.Size()) is not { } needed)
            throw Bad($"tensor '{name}' has the shape [{string.Join(", ", shape)}], more elements than can be counted");
        if (needed != end - begin)
            throw Bad($"tensor '{name}', {type.WireName()} [{string.Join(", ", shape)}], needs {needed:N0} bytes and has {end - begin:N0}");
        return new SafetensorsEntry(name, type, shape.AsReadOnly(), dataStart + begin, needed);
    }

    private static long? ByteCount(List<long> shape, int size)
    {
        Int128 count = size;
        foreach (var extent in shape)
        {
            count *= extent;
            // A later zero must not excuse an overflow before it: no tensor could be given that shape.
            if (count > long.MaxValue)
                return null;
        }
        return (long)count;
    }

    /// <summary>Every byte of the data belongs to exactly one tensor.</summary>
    private void CheckCoverage()
    {
        var position = dataStart;
        SafetensorsEntry? previous = null;
        foreach (var entry in entries.Values.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteCount))
        {
            if (entry.Offset < position)
                throw Bad($"tensors '{previous!.Name}' and '{entry.Name}' overlap by {position - entry.Offset:N0} bytes");
            if (entry.Offset > position)
                throw Bad($"{entry.Offset - position:N0} bytes before tensor '{entry.Name}' belong to no tensor");
            position += entry.ByteCount;
            previous = entry;
        }
        if (position != dataStart + dataLength)
            throw Bad($"{dataStart + dataLength - position:N0} bytes behind its last tensor belong to no tensor");
    }
}
