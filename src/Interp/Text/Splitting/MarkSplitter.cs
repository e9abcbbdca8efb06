namespace Interp;

/// <summary>
/// Cuts before each mark of a space (<c>▁</c>) that follows another character. Where no merge joins anything to a mark on its right this changes no
/// token: it only lets words be remembered, and long texts be read word by word.
/// </summary>
internal sealed class MarkSplitter : PreTokenizer
{
    public const char Mark = '\u2581';

    public override void Split(Piece piece, List<Piece> pieces)
    {
        var text = piece.Span;
        var start = 0;
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] != Mark || text[at - 1] == Mark)
                continue;
            pieces.Add(piece.Slice(start, at - start));
            start = at;
        }
        if (start < text.Length)
            pieces.Add(piece.Slice(start, text.Length - start));
    }

    /// <summary>Whether cutting is safe: the mark is a token, so no unknown run crosses the cut, and no merge does.</summary>
    public static bool IsSafe(Vocabulary vocabulary, MergeTable merges) =>
        vocabulary.Id(Mark.ToString()) is not null && merges.Pairs.All(
            pair => !(vocabulary.Token(pair.Right)!.StartsWith(Mark) && !vocabulary.Token(pair.Left)!.EndsWith(Mark)));
}
