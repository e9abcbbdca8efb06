namespace Interp;

/// <summary>
/// A tokenizer in the steps of Hugging Face's:
/// 1. cut the text at added tokens that are sought as given;
/// 2. normalize each stretch between them, cut it at added tokens that are sought in normalized text;
/// 3. split what is left into pieces, and each piece into tokens;
/// 4. put the template's special tokens around.
/// </summary>
internal sealed class PipelineTokenizer : ITokenizer
{
    private readonly PipelineParts parts;
    private readonly PreTokenizer? splitter;
    private readonly AddedTokenMatcher asGiven;
    private readonly AddedTokenMatcher normalized;
    private readonly Dictionary<int, AddedToken> addedById;
    private readonly Dictionary<string, int> addedByContent;
    private readonly Lazy<Dictionary<string, int>> byDisplay;

    public PipelineTokenizer(PipelineParts parts)
    {
        this.parts = parts;
        splitter = parts.PreTokenizer ?? parts.Model.OwnSplitter;
        asGiven = new(parts.AddedTokens.Where(token => !token.Normalized || parts.Normalizer is null).Select(token => (token.Content, token)));
        normalized = new(parts.Normalizer is not { } normalizer
            ? []
            : parts.AddedTokens.Where(token => token.Normalized).Select(token => (token.Spelling ?? normalizer.Normalize(token.Content), token)));
        addedById = parts.AddedTokens.ToDictionary(token => token.Id);
        addedByContent = parts.AddedTokens.ToDictionary(token => token.Content, token => token.Id);
        VocabularySize = Math.Max(parts.Vocabulary.Size, parts.AddedTokens.Select(token => token.Id + 1).DefaultIfEmpty().Max());
        byDisplay = new(DisplayIds);
    }

    public int VocabularySize { get; }

    public int? BosId => parts.Special.Bos;

    public int? EosId => parts.Special.Eos;

    public int? PadId => parts.Special.Pad;

    public bool AddsBos => parts.Special.AddsBos;

    public TokenizedText Encode(string text, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= EncodeOptions.Default;
        var tokens = new TokenBuffer((text.Length / 3) + 8);
        var stretches = new List<(Piece Piece, AddedToken? Token)>();
        asGiven.Split(Piece.Of(text), options.ParseSpecialTokens, stretches);
        foreach (var (piece, token) in stretches)
            if (token is null)
                Stretch(piece, options, tokens);
            else
                tokens.Add(token.Id, piece.Origin(), token.Special);
        tokens.Surround(parts.Special.BeforeText(options, tokens.FirstId), parts.Special.AfterText(options), text.Length);
        return tokens.ToTokenizedText(text, TokenText);
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
            if (Spelling(id) is { } token && !(skipSpecial && IsSpecial(id)))
                tokens.Add(token);
        return string.Concat(parts.Decoder is null ? tokens : parts.Decoder.Decode(tokens));
    }

    public string TokenText(int id) =>
        Spelling(id) is not { } token ? $"<unused {id}>"
        : addedById.ContainsKey(id) || parts.Decoder is null ? token
        : parts.Decoder.Display(token);

    public int? TokenId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (addedByContent.TryGetValue(token, out var added))
            return added;
        return parts.Vocabulary.Id(token) ?? (byDisplay.Value.TryGetValue(token, out var shown) ? shown : null);
    }

    public bool IsSpecial(int id) => addedById.TryGetValue(id, out var token) && token.Special;

    private void Stretch(Piece piece, EncodeOptions options, TokenBuffer tokens)
    {
        if (parts.Normalizer is not { } normalizer)
        {
            Pieces(piece, tokens);
            return;
        }
        var stretches = new List<(Piece Piece, AddedToken? Token)>();
        normalized.Split(normalizer.Normalize(piece), options.ParseSpecialTokens, stretches);
        foreach (var (stretch, token) in stretches)
            if (token is null)
                Pieces(stretch, tokens);
            else
                tokens.Add(token.Id, stretch.Origin(), token.Special);
    }

    private void Pieces(Piece stretch, TokenBuffer tokens)
    {
        if (splitter is null)
        {
            parts.Model.Tokenize(stretch, tokens);
            return;
        }
        var pieces = new List<Piece>((stretch.Length / 4) + 4);
        splitter.Split(stretch, pieces);
        foreach (var piece in pieces)
            parts.Model.Tokenize(piece, tokens);
    }

    private string? Spelling(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return addedById.TryGetValue(id, out var token) ? token.Content : parts.Vocabulary.Token(id);
    }

    private Dictionary<string, int> DisplayIds()
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < VocabularySize; id++)
            if (Spelling(id) is not null && TokenText(id) is var text && !text.Contains('\uFFFD'))
                ids.TryAdd(text, id);
        return ids;
    }
}
