namespace Interp;

/// <summary>Reads GPT-2's pair of files, vocab.json and merges.txt: byte-level byte-pair encoding with GPT-2's pattern.</summary>
internal static class Gpt2FilesReader
{
    private const string EndOfText = "<|endoftext|>";

    public static ITokenizer Read(JsonPart root, string mergesPath, TokenizerConfig config)
    {
        var vocabulary = BpeReader.ReadVocabulary(root);
        var pairs = Pairs(mergesPath);
        if (pairs.Any(pair => pair.Right.EndsWith("</w>", StringComparison.Ordinal)))
            throw new InvalidDataException($"{mergesPath} marks the ends of words with </w>, so it is not GPT-2's kind. Load the tokenizer.json of this model.");
        var added = AddedTokenReader.Join(config.Added, AddedTokens(Path.GetDirectoryName(mergesPath)!, vocabulary, config));
        int? Id(string? token) => token is null ? null : added.Find(each => each.Content == token)?.Id ?? vocabulary.Id(token);
        var bos = Id(config.NamesBos ? config.Bos : EndOfText);
        return new PipelineTokenizer(new PipelineParts
        {
            Vocabulary = vocabulary,
            Model = new BpeModel(vocabulary, BpeReader.Merges(vocabulary, pairs, "", mergesPath), new BpeSettings { ByteLevel = true, UnknownToken = config.Unknown }),
            PreTokenizer = new ByteLevelPreTokenizer(addPrefixSpace: config.AddsPrefixSpace ?? false, useRegex: true),
            Decoder = new ByteLevelDecoder(),
            AddedTokens = added,
            Special = new SpecialTokens
            {
                Bos = bos,
                Eos = Id(config.NamesEos ? config.Eos : EndOfText),
                Pad = Id(config.Pad),
                Before = config.AddsBos == true && bos is { } id ? [id] : [],
            },
        });
    }

    private static List<(string Left, string Right)> Pairs(string path)
    {
        var pairs = new List<(string Left, string Right)>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal))
                continue;
            var space = line.IndexOf(' ');
            if (space <= 0 || space == line.Length - 1 || line.IndexOf(' ', space + 1) >= 0)
                throw new InvalidDataException($"{path}, line {number}: two tokens with one space between them were expected, found '{line}'.");
            pairs.Add((line[..space], line[(space + 1)..]));
        }
        return pairs;
    }

    private static List<AddedToken> AddedTokens(string folder, Vocabulary vocabulary, TokenizerConfig config)
    {
        var added = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (var content in new[] { EndOfText, config.Bos, config.Eos, config.Pad, config.Unknown })
            if (content is not null && vocabulary.Id(content) is { } id)
                added[content] = new AddedToken(id, content) { Special = true };
        var path = Path.Combine(folder, "added_tokens.json");
        if (!File.Exists(path))
            return [.. added.Values];
        using var document = JsonPart.Parse(path);
        foreach (var (content, part) in new JsonPart(document.RootElement, path).Members())
        {
            var special = content == config.Bos || content == config.Eos || content == config.Pad || content == config.Unknown;
            added[content] = new AddedToken(AddedTokenReader.Id(part), content) { Special = special };
        }
        return [.. added.Values.DistinctBy(token => token.Id)];
    }
}
