namespace Interp;

using System.Text;

/// <summary>Reads all tokens in the byte-level alphabet as one run of UTF-8 bytes.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>(4 * tokens.Count);
        foreach (var token in tokens)
            bytes.AddRange(ByteAlphabet.BytesOf(token));
        return [Encoding.UTF8.GetString([.. bytes])];
    }

    public override string Display(string token) => Encoding.UTF8.GetString(ByteAlphabet.BytesOf(token));
}
