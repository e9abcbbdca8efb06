namespace Interp;

/// <summary>Joins word pieces: a continued piece loses its mark, every other but the first gets a space before it.</summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp) : TokenDecoder
{
    // What tokenization of English puts apart, and its usual form.
    private static readonly (string Apart, string Joined)[] English =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"),
        (" 've", "'ve"), (" 're", "'re"),
    ];

    public override List<string> Decode(List<string> tokens) => [.. tokens.Select((token, index) => Join(token, index == 0))];

    private string Join(string token, bool isFirst)
    {
        var joined = isFirst ? token : token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : $" {token}";
        return cleanUp ? English.Aggregate(joined, (text, pair) => text.Replace(pair.Apart, pair.Joined, StringComparison.Ordinal)) : joined;
    }
}
