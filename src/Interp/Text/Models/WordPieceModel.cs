namespace Interp;

/// <summary>
/// WordPiece: from the left, the longest token that fits; what continues a word carries a mark. A word that cannot be finished, or is too long, is one
/// unknown token.
/// </summary>
internal sealed class WordPieceModel(Vocabulary vocabulary, int unknown, string prefix, int longestWord) : TokenModel
{
    public override bool ByteLevel => false;

    protected override Segmentation Segment(ReadOnlySpan<char> piece)
    {
        var ids = new List<int>();
        var spans = new List<CharSpan>();
        for (var at = 0; at < piece.Length && Characters(piece) <= longestWord;)
        {
            var end = piece.Length;
            int id;
            while (!TryToken(piece[at..end], at > 0, out id) && end > at)
                end -= end - at > 1 && char.IsLowSurrogate(piece[end - 1]) ? 2 : 1;
            if (end <= at)
                break;
            ids.Add(id);
            spans.Add(new CharSpan(at, end));
            at = end;
        }
        return spans.Count > 0 && spans[^1].End == piece.Length
            ? new Segmentation([.. ids], [.. spans])
            : new Segmentation([unknown], [new CharSpan(0, piece.Length)]);
    }

    private bool TryToken(ReadOnlySpan<char> text, bool continues, out int id) =>
        continues ? vocabulary.TryId(string.Concat(prefix, text), out id) : vocabulary.TryId(text, out id);

    private static int Characters(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
            count += char.IsLowSurrogate(c) ? 0 : 1;
        return count;
    }
}
