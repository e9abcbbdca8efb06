namespace Interp;

/// <summary>Reads the model section of tokenizer.json.</summary>
internal static class ModelReader
{
    public static (Vocabulary Vocabulary, TokenModel Model) Read(JsonPart part, bool byteLevel)
    {
        // Files of the first versions name no type.
        var type = part.FindText("type") ?? (part.Find("merges") is null ? "without merges" : "BPE");
        return type switch
        {
            "BPE" => BpeReader.Read(part, byteLevel),
            _ => throw part.Unknown("model", type, "BPE"),
        };
    }
}
