namespace Interp;

/// <summary>Splits at the matches of a pattern.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> pieces)
    {
        var parts = Parts(piece);
        foreach (var (start, end) in behavior switch
        {
            SplitBehavior.Removed => parts.Where(part => !part.IsMatch).Select(part => part.Span),
            SplitBehavior.Isolated => parts.Select(part => part.Span),
            SplitBehavior.Contiguous => Contiguous(parts),
            SplitBehavior.MergedWithPrevious => WithPrevious(parts),
            _ => WithNext(parts),
        })
            pieces.Add(piece.Slice(start, end - start));
    }

    /// <summary>The piece in stretches that match and stretches that do not; the other way round when inverted.</summary>
    private List<(CharSpan Span, bool IsMatch)> Parts(Piece piece)
    {
        var parts = new List<(CharSpan Span, bool IsMatch)>();
        var done = 0;
        foreach (var match in pattern.Matches(piece))
        {
            if (match.Start > done)
                parts.Add((new CharSpan(done, match.Start), invert));
            if (match.Length > 0)
                parts.Add((match, !invert));
            done = match.End;
        }
        if (done < piece.Length)
            parts.Add((new CharSpan(done, piece.Length), invert));
        return parts;
    }

    private static List<CharSpan> Contiguous(List<(CharSpan Span, bool IsMatch)> parts)
    {
        var spans = new List<CharSpan>();
        for (var i = 0; i < parts.Count; i++)
            if (i > 0 && parts[i].IsMatch == parts[i - 1].IsMatch)
                spans[^1] = new CharSpan(spans[^1].Start, parts[i].Span.End);
            else
                spans.Add(parts[i].Span);
        return spans;
    }

    private static List<CharSpan> WithPrevious(List<(CharSpan Span, bool IsMatch)> parts)
    {
        var spans = new List<CharSpan>();
        for (var i = 0; i < parts.Count; i++)
            if (i > 0 && parts[i].IsMatch && !parts[i - 1].IsMatch)
                spans[^1] = new CharSpan(spans[^1].Start, parts[i].Span.End);
            else
                spans.Add(parts[i].Span);
        return spans;
    }

    private static List<CharSpan> WithNext(List<(CharSpan Span, bool IsMatch)> parts)
    {
        var spans = new List<CharSpan>();
        for (var i = 0; i < parts.Count; i++)
            if (i > 0 && parts[i - 1].IsMatch && !parts[i].IsMatch)
                spans[^1] = new CharSpan(spans[^1].Start, parts[i].Span.End);
            else
                spans.Add(parts[i].Span);
        return spans;
    }
}
