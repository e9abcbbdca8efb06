namespace Interp;

/// <summary>Reads a plain list of tokens: an object of token and id, itself or under <c>vocab</c>.</summary>
internal static class TokenListReader
{
    public static VocabularyTokenizer Read(JsonPart root)
    {
        var vocabulary = BpeReader.ReadVocabulary(root.Find("vocab") is { Element.ValueKind: System.Text.Json.JsonValueKind.Object } inner ? inner : root);
        var tokens = Enumerable.Range(0, vocabulary.Size)
            .Select(id => vocabulary.Token(id) ?? throw root.Error($"no token has id {id}, although the largest is {vocabulary.Size - 1}"))
            .ToArray();
        try
        {
            return new VocabularyTokenizer(tokens);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{root.Path}: {error.Message}", error);
        }
    }
}
