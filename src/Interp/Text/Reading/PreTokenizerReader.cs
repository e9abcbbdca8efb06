namespace Interp;

/// <summary>Reads the pre-tokenizer section of tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    private const string Known = "Sequence";

    public static PreTokenizer Read(JsonPart part)
    {
        var type = part.Get("type").Text();
        return type switch
        {
            "Sequence" => new SequencePreTokenizer([.. part.Get("pretokenizers").Items().Select(Read)]),
            _ => throw part.Unknown("pre-tokenizer", type, Known),
        };
    }

    /// <summary>Whether pieces are spelt in the byte-level alphabet: ByteLevel is the pre-tokenizer or the last of a sequence.</summary>
    public static bool IsByteLevel(JsonPart? part) => part is { } some && some.Get("type").Text() switch
    {
        "ByteLevel" => true,
        "Sequence" => some.Get("pretokenizers").Items().Any(each => IsByteLevel(each)),
        _ => false,
    };
}
