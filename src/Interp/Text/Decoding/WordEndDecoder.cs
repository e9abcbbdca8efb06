namespace Interp;

/// <summary>The BPEDecoder: the mark of a word's end becomes a space, at the end of the text nothing.</summary>
internal sealed class WordEndDecoder(string suffix) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, index) => token.Replace(suffix, index == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];

    public override string Display(string token) => token.Replace(suffix, " ", StringComparison.Ordinal);
}
