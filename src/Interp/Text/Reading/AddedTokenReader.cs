namespace Interp;

using System.Globalization;

/// <summary>Reads added tokens of tokenizer.json.</summary>
internal static class AddedTokenReader
{
    private const int LargestId = 1 << 23;

    /// <exception cref="InvalidDataException">An id or a content is there twice, or an id is out of range.</exception>
    public static List<AddedToken> Read(JsonPart? part)
    {
        var tokens = new Dictionary<int, AddedToken>();
        var contents = new HashSet<string>(StringComparer.Ordinal);
        foreach (var each in part?.Items() ?? [])
        {
            var token = Token(each, Id(each.Get("id")));
            if (!tokens.TryAdd(token.Id, token))
                throw each.Error($"a second added token has id {token.Id}");
            if (!contents.Add(token.Content))
                throw each.Error($"'{token.Content}' is added a second time");
        }
        return [.. tokens.Values];
    }

    /// <summary>Reads <c>added_tokens_decoder</c> of tokenizer_config.json: the same tokens, by id.</summary>
    public static List<AddedToken> ReadById(JsonPart? part)
    {
        var tokens = new List<AddedToken>();
        foreach (var (name, each) in part?.Members() ?? [])
            tokens.Add(int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= LargestId
                ? Token(each, id)
                : throw each.Error($"'{name}' is not an id between 0 and {LargestId}"));
        return tokens;
    }

    /// <summary>The tokens of the one list, and those of the other that have neither an id nor a content of them.</summary>
    public static List<AddedToken> Join(IEnumerable<AddedToken> tokens, IEnumerable<AddedToken> more)
    {
        List<AddedToken> all = [.. tokens];
        foreach (var token in more)
            if (!all.Exists(each => each.Id == token.Id || each.Content == token.Content))
                all.Add(token);
        return all;
    }

    /// <summary>An id in range. Added tokens may lie far beyond the vocabulary, but an id is an index.</summary>
    public static int Id(JsonPart part)
    {
        var id = part.Int();
        return id is >= 0 and <= LargestId ? id : throw part.Error($"the id {id} is not between 0 and {LargestId}");
    }

    private static AddedToken Token(JsonPart part, int id)
    {
        var special = part.Flag("special");
        return new AddedToken(id, part.Get("content").Text())
        {
            SingleWord = part.Flag("single_word"),
            StripLeft = part.Flag("lstrip"),
            StripRight = part.Flag("rstrip"),
            Normalized = part.Flag("normalized", !special),
            Special = special,
        };
    }
}
