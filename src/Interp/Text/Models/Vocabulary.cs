namespace Interp;

/// <summary>Tokens as the file spells them, by id and back. Ids may have gaps.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> ids;
    private readonly string?[] tokens;

    private Vocabulary(Dictionary<string, int> ids, string?[] tokens) => (this.ids, this.tokens) = (ids, tokens);

    /// <summary>One more than the largest id.</summary>
    public int Size => tokens.Length;

    /// <exception cref="InvalidDataException">Two tokens share an id, or an id is negative or far beyond the number of tokens.</exception>
    public static Vocabulary Create(IReadOnlyCollection<KeyValuePair<string, int>> entries, string source)
    {
        var size = 0;
        // Some files leave gaps; but a wild id must not ask for gigabytes.
        var limit = (4L * entries.Count) + 4096;
        foreach (var (token, id) in entries)
        {
            if (id < 0 || id >= limit)
                throw new InvalidDataException($"{source}: token '{token}' has id {id}; the ids of {entries.Count} tokens must lie between 0 and {limit - 1}.");
            size = Math.Max(size, id + 1);
        }
        var tokens = new string?[size];
        var ids = new Dictionary<string, int>(entries.Count, StringComparer.Ordinal);
        foreach (var (token, id) in entries)
        {
            if (tokens[id] is { } other && other != token)
                throw new InvalidDataException($"{source}: tokens '{other}' and '{token}' both have id {id}.");
            tokens[id] = token;
            ids[token] = id;
        }
        return new Vocabulary(ids, tokens);
    }

    public string? Token(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;

    public int? Id(string token) => ids.TryGetValue(token, out var id) ? id : null;

    public bool TryId(ReadOnlySpan<char> token, out int id) =>
        ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out id);
}
