namespace Interp;

/// <summary>Several decoders, one after the other.</summary>
internal sealed class SequenceDecoder(IReadOnlyList<TokenDecoder> parts) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) => parts.Aggregate(tokens, (strings, part) => part.Decode(strings));

    public override string Display(string token) => parts.Aggregate(token, (text, part) => part.Display(text));
}
