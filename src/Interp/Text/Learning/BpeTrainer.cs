namespace Interp;

using System.Collections.Immutable;
using System.Text.Json;

/// <summary>Learns a byte-level byte-pair vocabulary from texts.</summary>
/// <remarks>
/// 1. Cut the texts into pieces by a pattern; count equal pieces. 2. Spell each in bytes. 3. Merge the most frequent pair of neighbours into a new
/// token, everywhere; of equally frequent pairs the one with the lower ids. 4. Repeat until the vocabulary is full (Sennrich et al. 2016; bytes as in
/// GPT-2). The same texts give the same file on every machine.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record BpeTrainer
{
    /// <summary>Words with their leading space, numbers by two digits, runs of marks, white space.</summary>
    public const string WordPattern = @" ?\p{L}+| ?\d{1,2}| ?[^\s\p{L}\d]+|\s+(?!\S)|\s+";

    /// <summary>Tokens in all: special ones, 256 bytes, and merges. Fewer when no pair is frequent enough.</summary>
    public int VocabularySize { get; init; } = 1000;

    /// <summary>A pair that is rarer than this is not merged.</summary>
    public int LeastCount { get; init; } = 2;

    /// <summary>Special tokens, ids from 0 on; the first begins a sequence.</summary>
    public ImmutableArray<string> SpecialTokens { get; init; } = ["<bos>"];

    /// <summary>What a piece is, as a regular expression of tokenizer.json.</summary>
    public string Pattern { get; init; } = WordPattern;

    /// <summary>Whether a text gets a leading space, so that its first word is the token that the word is elsewhere.</summary>
    public bool LeadingSpace { get; init; } = true;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="texts">The texts; each is read once.</param>
    /// <returns>The content of a tokenizer.json, which <see cref="Tokenizers.Parse"/> reads.</returns>
    /// <exception cref="ArgumentException">The vocabulary is too small for bytes and special tokens, or a special token is empty or there twice.</exception>
    public string Train(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var least = SpecialTokens.Length + 256;
        if (VocabularySize < least)
            throw new ArgumentException($"A vocabulary of {VocabularySize} has no room for {SpecialTokens.Length} special tokens and 256 bytes: ask for at least {least}.");
        if (SpecialTokens.Any(string.IsNullOrEmpty) || SpecialTokens.Distinct().Count() != SpecialTokens.Length)
            throw new ArgumentException($"Special tokens are distinct and not empty, found: {string.Join(", ", SpecialTokens.Select(t => $"'{t}'"))}.");
        var tokens = SpecialTokens.Concat(Enumerable.Range(0, 256).Select(b => ByteAlphabet.Character((byte)b).ToString()).Order(StringComparer.Ordinal)).ToList();
        var ids = tokens.Select((token, id) => (token, id)).ToDictionary(t => t.token, t => t.id, StringComparer.Ordinal);
        var words = Count(texts).Select(w => new PairWord([.. w.Key.Select(c => ids[c.ToString()])], w.Value));
        var merges = new List<(string Left, string Right)>();
        var counts = new PairCounts(words);
        while (tokens.Count < VocabularySize && counts.Best(LeastCount) is var (left, right))
        {
            merges.Add((tokens[left], tokens[right]));
            tokens.Add(tokens[left] + tokens[right]);
            counts.Merge(left, right, tokens.Count - 1);
        }
        return Json(tokens, merges);
    }

    /// <summary>What it learns.</summary>
    public override string ToString() => $"byte-level byte pairs, {VocabularySize} tokens";

    // Pieces, spelt in the byte alphabet, in a fixed order.
    private SortedDictionary<string, long> Count(IEnumerable<string> texts)
    {
        var splitter = PreTokenizerReader.Read(new JsonPart(Element(new { type = "Split", pattern = new { Regex = Pattern }, behavior = "Isolated", invert = false }), "pattern"));
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var pieces = new List<Piece>();
        foreach (var text in texts)
        {
            pieces.Clear();
            splitter.Split(Piece.Of(LeadingSpace ? " " + text : text), pieces);
            foreach (var piece in pieces)
            {
                var spelt = ByteAlphabet.Spell(piece.Span);
                counts[spelt] = counts.GetValueOrDefault(spelt) + 1;
            }
        }
        return counts;
    }

    private string Json(List<string> tokens, List<(string Left, string Right)> merges)
    {
        var byteLevel = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = false };
        var strip = new { type = "Strip", content = " ", start = 1, stop = 0 };
        var content = new
        {
            version = "1.0",
            added_tokens = SpecialTokens.Select((token, id) => new
            {
                id, content = token, single_word = false, lstrip = false, rstrip = false, normalized = false, special = true,
            }),
            normalizer = LeadingSpace ? new { type = "Prepend", prepend = " " } : null,
            pre_tokenizer = new
            {
                type = "Sequence",
                pretokenizers = new object[] { new { type = "Split", pattern = new { Regex = Pattern }, behavior = "Isolated", invert = false }, byteLevel },
            },
            post_processor = SpecialTokens.IsEmpty ? null : new
            {
                type = "TemplateProcessing",
                single = new object[] { new { SpecialToken = new { id = SpecialTokens[0], type_id = 0 } }, new { Sequence = new { id = "A", type_id = 0 } } },
                pair = new object[] { new { SpecialToken = new { id = SpecialTokens[0], type_id = 0 } }, new { Sequence = new { id = "A", type_id = 0 } }, new { Sequence = new { id = "B", type_id = 1 } } },
                special_tokens = new Dictionary<string, object> { [SpecialTokens[0]] = new { id = SpecialTokens[0], ids = new[] { 0 }, tokens = new[] { SpecialTokens[0] } } },
            },
            decoder = LeadingSpace ? new { type = "Sequence", decoders = new object[] { byteLevel, strip } } : (object)byteLevel,
            model = new
            {
                type = "BPE", dropout = (double?)null, unk_token = (string?)null, continuing_subword_prefix = (string?)null, end_of_word_suffix = (string?)null,
                fuse_unk = false, byte_fallback = false, ignore_merges = false,
                vocab = tokens.Select((token, id) => (token, id)).ToDictionary(t => t.token, t => t.id),
                merges = merges.Select(m => new[] { m.Left, m.Right }),
            },
        };
        return JsonSerializer.Serialize(content, new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static JsonElement Element(object content) => JsonSerializer.SerializeToElement(content);
}
