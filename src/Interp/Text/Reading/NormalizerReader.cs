namespace Interp;

/// <summary>Reads the normalizer section of tokenizer.json.</summary>
internal static class NormalizerReader
{
    private const string Known = "Sequence, Prepend, Replace";

    public static Normalizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequenceNormalizer([.. part.Get("normalizers").Items().Select(Read)]),
            "Prepend" => new PrependNormalizer(part.Get("prepend").Text()),
            "Replace" => new ReplaceNormalizer(PatternReader.Read(part.Get("pattern")), part.Get("content").Text()),
            _ => throw part.Unknown("normalizer", type, Known),
        };
    }
}
