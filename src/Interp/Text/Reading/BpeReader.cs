namespace Interp;

using System.Text.Json;

/// <summary>Reads byte-pair encodings: vocabulary, merges and switches.</summary>
internal static class BpeReader
{
    public static (Vocabulary Vocabulary, TokenModel Model) Read(JsonPart part, bool byteLevel)
    {
        if (part.Find("dropout")?.Number() is > 0 and var dropout)
            throw part.Error($"dropout {dropout} makes tokenization random; set it to null");
        var vocabulary = ReadVocabulary(part.Get("vocab"));
        var settings = new BpeSettings
        {
            ByteLevel = byteLevel,
            ByteFallback = part.Flag("byte_fallback"),
            IgnoreMerges = part.Flag("ignore_merges"),
            FuseUnknown = part.Flag("fuse_unk"),
            UnknownToken = part.FindText("unk_token"),
            ContinuingPrefix = part.FindText("continuing_subword_prefix") ?? "",
            WordSuffix = part.FindText("end_of_word_suffix") ?? "",
        };
        var merges = part.Get("merges").Items().Select(Pair);
        return (vocabulary, new BpeModel(vocabulary, Merges(vocabulary, merges, settings.ContinuingPrefix, $"{part.Path}.merges"), settings));
    }

    public static Vocabulary ReadVocabulary(JsonPart part)
    {
        var entries = new List<KeyValuePair<string, int>>();
        foreach (var (token, id) in part.Members())
            entries.Add(new(token, id.Int()));
        return Vocabulary.Create(entries, part.Path);
    }

    /// <summary>Turns pairs of spellings, best first, into a table of ids.</summary>
    public static MergeTable Merges(Vocabulary vocabulary, IEnumerable<(string Left, string Right)> pairs, string prefix, string source)
    {
        var merges = new List<(int Left, int Right, int Rank, int Merged)>();
        foreach (var (left, right) in pairs)
        {
            var rank = merges.Count;
            int Id(string token) => vocabulary.Id(token)
                ?? throw new InvalidDataException($"{source}[{rank}]: merging '{left}' and '{right}' needs the token '{token}', which is not in the vocabulary of {vocabulary.Size}.");
            // Of a continued word's right part, the mark of continuation falls away.
            var tail = right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right;
            merges.Add((Id(left), Id(right), rank, Id(left + tail)));
        }
        return new MergeTable(merges);
    }

    private static (string Left, string Right) Pair(JsonPart part)
    {
        if (part.Element.ValueKind == JsonValueKind.Array)
        {
            var items = part.Items().Select(item => item.Text()).ToArray();
            return items.Length == 2 ? (items[0], items[1]) : throw part.Error($"a merge is two tokens, found {items.Length}");
        }
        var text = part.Text();
        var space = text.IndexOf(' ');
        return space > 0 && space == text.LastIndexOf(' ') && space + 1 < text.Length
            ? (text[..space], text[(space + 1)..])
            : throw part.Error($"a merge is two tokens with one space between them, found '{text}'");
    }
}
