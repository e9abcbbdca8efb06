namespace Interp;

/// <summary>Joins all strings into one, so that what follows sees the whole text.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}
