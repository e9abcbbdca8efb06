namespace Interp;

/// <summary>Reads the decoder section of tokenizer.json.</summary>
internal static class DecoderReader
{
    private const string Known = "Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, BPEDecoder, WordPiece";

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
            "Metaspace" => Metaspace(part),
            "BPEDecoder" => new WordEndDecoder(part.FindText("suffix") ?? "</w>"),
            "WordPiece" => new WordPieceDecoder(part.FindText("prefix") ?? "##", part.Flag("cleanup", true)),
            _ => throw part.Unknown("decoder", type, Known),
        };
    }

    private static MetaspaceDecoder Metaspace(JsonPart part)
    {
        var mark = part.Get("replacement").Text();
        return mark.Length == 1
            ? new MetaspaceDecoder(mark[0], PreTokenizerReader.Prepend(part) != MetaspacePrepend.Never)
            : throw part.Error($"the replacement is one character, found '{mark}'");
    }

    private static StripDecoder Strip(JsonPart part)
    {
        var content = part.Get("content").Text();
        return content.Length == 1
            ? new StripDecoder(content[0], part.Get("start").Int(), part.Get("stop").Int())
            : throw part.Error($"Strip takes one character, found '{content}'");
    }
}
