namespace Interp;

/// <summary>Reads the decoder section of tokenizer.json.</summary>
internal static class DecoderReader
{
    private const string Known = "Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip";

    public static TokenDecoder Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequenceDecoder([.. part.Get("decoders").Items().Select(Read)]),
            "ByteLevel" => new ByteLevelDecoder(),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Replace" => new ReplaceDecoder(PatternReader.Read(part.Get("pattern")), part.Get("content").Text()),
            "Strip" => Strip(part),
            _ => throw part.Unknown("decoder", type, Known),
        };
    }

    private static StripDecoder Strip(JsonPart part)
    {
        var content = part.Get("content").Text();
        return content.Length == 1
            ? new StripDecoder(content[0], part.Get("start").Int(), part.Get("stop").Int())
            : throw part.Error($"Strip takes one character, found '{content}'");
    }
}
