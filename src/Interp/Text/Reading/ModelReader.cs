namespace Interp;

using System.Text.Json;

/// <summary>Reads the model section of tokenizer.json.</summary>
internal static class ModelReader
{
    public static (Vocabulary Vocabulary, TokenModel Model) Read(JsonPart part, bool byteLevel)
    {
        var type = part.FindText("type") ?? Guess(part);
        return type switch
        {
            "BPE" => BpeReader.Read(part, byteLevel),
            "Unigram" => Unigram(part),
            "WordPiece" => WordPiece(part),
            "WordLevel" => WordLevel(part),
            _ => throw part.Unknown("model", type, "BPE, Unigram, WordPiece, WordLevel"),
        };
    }

    /// <summary>Files of the first versions name no type.</summary>
    private static string Guess(JsonPart part) =>
        part.Find("merges") is not null ? "BPE"
        : part.Find("vocab") is { Element.ValueKind: JsonValueKind.Array } ? "Unigram"
        : part.Find("max_input_chars_per_word") is not null ? "WordPiece"
        : "WordLevel";

    private static (Vocabulary Vocabulary, TokenModel Model) Unigram(JsonPart part)
    {
        var list = part.Get("vocab");
        List<KeyValuePair<string, int>> pieces = [];
        List<double> scores = [];
        foreach (var each in list.Items())
        {
            var pair = each.Items().ToArray();
            if (pair.Length != 2)
                throw each.Error($"[piece, score] was expected, found {pair.Length} items");
            pieces.Add(new(pair[0].Text(), scores.Count));
            scores.Add(pair[1].Number());
        }
        var unknown = part.Find("unk_id")?.Int() ?? -1;
        if (unknown < -1 || unknown >= scores.Count)
            throw part.Error($"unk_id {unknown} is not one of the {scores.Count} pieces");
        var vocabulary = Vocabulary.Create(pieces, list.Path);
        bool[] usable = [.. Enumerable.Range(0, scores.Count).Select(id => pieces[id].Key.Length > 0)];
        return (vocabulary, new UnigramModel(vocabulary, [.. scores], usable, unknown, part.Flag("byte_fallback")));
    }

    private static (Vocabulary Vocabulary, TokenModel Model) WordPiece(JsonPart part)
    {
        var vocabulary = BpeReader.ReadVocabulary(part.Get("vocab"));
        var unknown = part.FindText("unk_token") ?? "[UNK]";
        return (vocabulary, new WordPieceModel(
            vocabulary,
            vocabulary.Id(unknown) ?? throw part.Error($"the unknown token '{unknown}' is not in the vocabulary of {vocabulary.Size}"),
            part.FindText("continuing_subword_prefix") ?? "##",
            part.Find("max_input_chars_per_word")?.Int() ?? 100));
    }

    private static (Vocabulary Vocabulary, TokenModel Model) WordLevel(JsonPart part)
    {
        var vocabulary = BpeReader.ReadVocabulary(part.Get("vocab"));
        return (vocabulary, new WordLevelModel(vocabulary, part.FindText("unk_token") is { } unknown ? vocabulary.Id(unknown) ?? -1 : -1));
    }
}
