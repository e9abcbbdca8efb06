namespace Interp;

/// <summary>Turns SentencePiece's marks back into spaces; a mark that was put in front of the text falls away.</summary>
internal sealed class MetaspaceDecoder(char mark, bool wasPrepended) : TokenDecoder
{
    public override List<string> Decode(List<string> tokens) =>
        [.. tokens.Select((token, index) => index == 0 && wasPrepended && token.StartsWith(mark) ? Display(token[1..]) : Display(token))];

    public override string Display(string token) => token.Replace(mark, ' ');
}
