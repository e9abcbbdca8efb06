namespace Interp;

/// <summary>Replaces a pattern within each token.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    private readonly ReplaceNormalizer replace = new(pattern, content);

    public override List<string> Decode(List<string> tokens) => [.. tokens.Select(Display)];

    public override string Display(string token) => replace.Normalize(token);
}
