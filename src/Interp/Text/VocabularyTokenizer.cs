namespace Interp;

using System.Collections.Immutable;

/// <summary>
/// A tokenizer for toy models: a fixed list of tokens, the id of each its place in the list. Text is read left to right, the longest token that
/// fits each time; white space that no token begins with only separates. So <c>new VocabularyTokenizer("ABC".Select(c => $"{c}"))</c> reads
/// <c>"BAC"</c> and <c>"B A C"</c> alike, and a list of words reads words.
/// </summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class VocabularyTokenizer : ITokenizer
{
    private readonly ImmutableArray<string> tokens;
    private readonly Dictionary<string, int> ids;
    private readonly ImmutableArray<string> longestFirst;
    private readonly string separator;
    private readonly HashSet<int> special;

    /// <summary>A tokenizer of these tokens.</summary>
    /// <param name="tokens">Token texts, each once, none empty; the place in the list is the id.</param>
    /// <param name="separator">What <see cref="Decode"/> puts between two tokens; null puts a space where a token is longer than one
    /// character, else nothing.</param>
    /// <param name="bos">The token that begins a sequence; it is then added by default.</param>
    /// <param name="eos">The token that ends a sequence; it is never added.</param>
    /// <param name="pad">The token that pads.</param>
    /// <exception cref="ArgumentException">A token is empty or there twice, or a special token is not in the list.</exception>
    public VocabularyTokenizer(IEnumerable<string> tokens, string? separator = null, string? bos = null, string? eos = null, string? pad = null)
    {
        this.tokens = [.. tokens];
        ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < this.tokens.Length; id++)
            if (string.IsNullOrEmpty(this.tokens[id]) || !ids.TryAdd(this.tokens[id], id))
                throw new ArgumentException($"Token {id}, '{this.tokens[id]}', is empty or there a second time.", nameof(tokens));
        longestFirst = [.. this.tokens.OrderByDescending(token => token.Length)];
        (BosId, EosId, PadId) = (Special(bos, nameof(bos)), Special(eos, nameof(eos)), Special(pad, nameof(pad)));
        special = [.. new[] { BosId, EosId, PadId }.OfType<int>()];
        var isCharacters = this.tokens.Where((_, id) => !special.Contains(id)).All(token => token.Length == 1);
        this.separator = separator ?? (isCharacters ? "" : " ");
    }

    /// <inheritdoc/>
    public int VocabularySize => tokens.Length;

    /// <inheritdoc/>
    public int? BosId { get; }

    /// <inheritdoc/>
    public int? EosId { get; }

    /// <inheritdoc/>
    public int? PadId { get; }

    /// <inheritdoc/>
    public bool AddsBos => BosId is not null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">No token fits at some place of the text; the message names it.</exception>
    public TokenizedText Encode(string text, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= EncodeOptions.Default;
        var buffer = new TokenBuffer((text.Length / 2) + 4);
        for (var at = 0; at < text.Length;)
        {
            if (Fitting(text.AsSpan(at), options) is { } token)
            {
                buffer.Add(ids[token], new CharSpan(at, at + token.Length), special.Contains(ids[token]));
                at += token.Length;
            }
            else if (char.IsWhiteSpace(text[at]))
                at++;
            else
                throw new ArgumentException(
                    $"No token fits '{text[at]}' at index {at} of '{text}'. The {tokens.Length} tokens are: {string.Join(' ', tokens.Take(40))}{(tokens.Length > 40 ? " ..." : "")}.", nameof(text));
        }
        var marks = new SpecialTokens { Bos = BosId, Before = BosId is { } bos ? [bos] : [] };
        buffer.Surround(marks.BeforeText(options, buffer.FirstId), [], text.Length);
        return buffer.ToTokenizedText(text, TokenText);
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        var texts = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            if (id < tokens.Length && !(skipSpecial && special.Contains(id)))
                texts.Add(tokens[id]);
        }
        return string.Join(separator, texts);
    }

    /// <inheritdoc/>
    public string TokenText(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return id < tokens.Length ? tokens[id] : $"<unused {id}>";
    }

    /// <inheritdoc/>
    public int? TokenId(string token) => ids.TryGetValue(token, out var id) ? id : null;

    /// <inheritdoc/>
    public bool IsSpecial(int id) => special.Contains(id);

    /// <summary>How many tokens it knows.</summary>
    public override string ToString() => $"tokenizer of a list of {VocabularySize} tokens";

    private string? Fitting(ReadOnlySpan<char> text, EncodeOptions options)
    {
        foreach (var token in longestFirst)
            if (text.StartsWith(token, StringComparison.Ordinal) && (options.ParseSpecialTokens || !special.Contains(ids[token])))
                return token;
        return null;
    }

    private int? Special(string? token, string name) => token is null ? null
        : ids.TryGetValue(token, out var id) ? id
        : throw new ArgumentException($"'{token}' is not among the {tokens.Length} tokens.", name);
}
