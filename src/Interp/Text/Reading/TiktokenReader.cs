namespace Interp;

using System.Globalization;

/// <summary>
/// Reads OpenAI's format: a line for each token, its bytes in base64 and its rank. The file says neither how text is split nor what the special
/// tokens are; the known vocabularies are told by their size.
/// </summary>
internal static class TiktokenReader
{
    private const string O200k =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static ITokenizer Read(string path, TokenizerConfig config)
    {
        var tokens = Tokens(path);
        var (splitter, special) = Known(tokens.Count) ?? throw new InvalidDataException(
            $"{path}: {tokens.Count} tokens are none of the known vocabularies (50256, 50280, 100256, 128000, 151643, 199998), and the file does not say how text is split. Load the model's tokenizer.json.");
        var vocabulary = Vocabulary.Create([.. tokens.Select(token => KeyValuePair.Create(Spell(token.Bytes), token.Rank))], path);
        var added = special.Select((each, index) => new AddedToken(each.Id, each.Content) { Special = true }).ToArray();
        int? Id(string? content) => content is null ? null : Array.Find(added, token => token.Content == content)?.Id;
        var bos = Id(config.Bos) ?? Id("<|begin_of_text|>") ?? Id("<|endoftext|>");
        return new PipelineTokenizer(new PipelineParts
        {
            Vocabulary = vocabulary,
            Model = new BpeModel(vocabulary, Merges(tokens, vocabulary), new BpeSettings { ByteLevel = true, IgnoreMerges = true }),
            PreTokenizer = splitter,
            Decoder = new ByteLevelDecoder(),
            AddedTokens = added,
            Special = new SpecialTokens
            {
                Bos = bos,
                Eos = Id(config.Eos) ?? Id("<|end_of_text|>") ?? Id("<|endoftext|>"),
                Pad = Id(config.Pad),
                Before = bos is { } first && (config.AddsBos ?? Id("<|begin_of_text|>") is not null) ? [first] : [],
            },
        });
    }

    /// <summary>Whether a file's first bytes are of this format: SentencePiece models, which share its extension, begin with a line feed.</summary>
    public static bool IsTiktoken(string path)
    {
        using var stream = File.OpenRead(path);
        var first = stream.ReadByte();
        return first >= 0 && (char.IsAsciiLetterOrDigit((char)first) || first is '+' or '/');
    }

    private static List<(byte[] Bytes, int Rank)> Tokens(string path)
    {
        var tokens = new List<(byte[] Bytes, int Rank)>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0)
                continue;
            var space = line.IndexOf(' ');
            var bytes = new byte[Math.Max(0, space)];
            if (space <= 0 || !Convert.TryFromBase64String(line[..space], bytes, out var length) || length == 0
                || !int.TryParse(line.AsSpan(space + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var rank))
                throw new InvalidDataException($"{path}, line {number}: a token in base64, a space and a rank were expected.");
            tokens.Add((bytes[..length], rank));
        }
        return tokens;
    }

    /// <summary>The pair whose union has the lowest rank merges first: so every way to cut a token in two tokens is a merge of its rank.</summary>
    private static MergeTable Merges(List<(byte[] Bytes, int Rank)> tokens, Vocabulary vocabulary)
    {
        var merges = new List<(int Left, int Right, int Rank, int Merged)>();
        foreach (var (bytes, rank) in tokens)
        {
            var spelt = Spell(bytes);
            for (var cut = 1; cut < spelt.Length; cut++)
                if (vocabulary.TryId(spelt.AsSpan(0, cut), out var left) && vocabulary.TryId(spelt.AsSpan(cut), out var right))
                    merges.Add((left, right, rank, rank));
        }
        return new MergeTable(merges);
    }

    private static (PreTokenizer Splitter, IEnumerable<(string Content, int Id)> Special)? Known(int count) => count switch
    {
        50256 => (new Gpt2Splitter(), [("<|endoftext|>", 50256)]),
        50280 => (new Gpt2Splitter(), [("<|endoftext|>", 50256)]),
        100256 => (new Cl100kSplitter(mostDigits: 3),
            [("<|endoftext|>", 100257), ("<|fim_prefix|>", 100258), ("<|fim_middle|>", 100259), ("<|fim_suffix|>", 100260), ("<|endofprompt|>", 100276)]),
        128000 => (new Cl100kSplitter(mostDigits: 3), Llama3()),
        151643 => (new Cl100kSplitter(mostDigits: 1), [("<|endoftext|>", 151643), ("<|im_start|>", 151644), ("<|im_end|>", 151645)]),
        199998 => (new SplitPreTokenizer(new RegexPattern(O200k, "o200k"), SplitBehavior.Isolated, invert: false),
            [("<|endoftext|>", 199999), ("<|endofprompt|>", 200018)]),
        _ => null,
    };

    private static IEnumerable<(string Content, int Id)> Llama3() =>
    [
        ("<|begin_of_text|>", 128000), ("<|end_of_text|>", 128001), ("<|start_header_id|>", 128006), ("<|end_header_id|>", 128007), ("<|eot_id|>", 128009),
    ];

    private static string Spell(byte[] bytes) => string.Concat(bytes.Select(ByteAlphabet.Character));
}
