namespace Interp;

/// <summary>
/// A unigram language model over pieces (Kudo 2018): of all ways to cut a text into pieces the one with the highest sum of scores.
/// 1. from each place, every piece of the vocabulary that begins there is an edge, weighted by its log-probability;
/// 2. where no single character is a piece, an unknown character is an edge, 10 below the lowest score;
/// 3. the best path is found left to right (Viterbi) and read back; unknown characters that touch are one token, or, with byte
///    fallback, their bytes.
/// </summary>
internal sealed class UnigramModel : TokenModel
{
    private const double UnknownPenalty = 10;
    private readonly Vocabulary vocabulary;
    private readonly double[] scores;
    private readonly bool[] usable;
    private readonly int unknown;
    private readonly int longest;
    private readonly double unknownScore;
    private readonly int[]? byteIds;

    /// <param name="vocabulary">Pieces.</param>
    /// <param name="scores">Score of each id.</param>
    /// <param name="usable">Which ids may be cut from text.</param>
    /// <param name="unknown">Id of the unknown token, or -1.</param>
    /// <param name="byteFallback">Whether unknown characters become their bytes.</param>
    public UnigramModel(Vocabulary vocabulary, double[] scores, bool[] usable, int unknown, bool byteFallback)
    {
        (this.vocabulary, this.scores, this.usable, this.unknown) = (vocabulary, scores, usable, unknown);
        longest = Enumerable.Range(0, vocabulary.Size).Where(id => usable[id]).Select(id => vocabulary.Token(id)?.Length ?? 0).DefaultIfEmpty().Max();
        unknownScore = Enumerable.Range(0, vocabulary.Size).Where(id => usable[id]).Select(id => scores[id]).DefaultIfEmpty().Min() - UnknownPenalty;
        int[] bytes = [.. Enumerable.Range(0, 256).Select(b => vocabulary.Id($"<0x{b:X2}>") ?? -1)];
        byteIds = byteFallback && Array.IndexOf(bytes, -1) < 0 ? bytes : null;
    }

    public override bool ByteLevel => false;

    protected override Segmentation Segment(ReadOnlySpan<char> piece)
    {
        var best = new double[piece.Length + 1];
        var from = new int[piece.Length + 1];
        var ids = new int[piece.Length + 1];
        Array.Fill(best, double.NegativeInfinity);
        best[0] = 0;
        for (var at = 0; at < piece.Length;)
        {
            var width = Utf8.Width(piece[at..]);
            Extend(piece, at, width, best, from, ids);
            at += width;
        }
        return ReadBack(piece, from, ids);
    }

    private void Extend(ReadOnlySpan<char> piece, int at, int width, double[] best, int[] from, int[] ids)
    {
        var hasCharacter = false;
        for (var end = at + width; end <= piece.Length && end - at <= longest;)
        {
            if (vocabulary.TryId(piece[at..end], out var id) && usable[id])
            {
                hasCharacter |= end == at + width;
                Offer(at, end, id, scores[id], best, from, ids);
            }
            end += end < piece.Length ? Utf8.Width(piece[end..]) : 1;
        }
        if (!hasCharacter)
            Offer(at, at + width, unknown, unknownScore, best, from, ids);
    }

    private static void Offer(int at, int end, int id, double score, double[] best, int[] from, int[] ids)
    {
        if (best[at] + score <= best[end])
            return;
        (best[end], from[end], ids[end]) = (best[at] + score, at, id);
    }

    private Segmentation ReadBack(ReadOnlySpan<char> piece, int[] from, int[] ids)
    {
        var path = new List<(int Id, CharSpan Span)>();
        for (var end = piece.Length; end > 0; end = from[end])
        {
            var span = new CharSpan(from[end], end);
            if (byteIds is null && path.Count > 0 && ids[end] == unknown && path[^1].Id == unknown)
                path[^1] = (unknown, new CharSpan(span.Start, path[^1].Span.End));
            else
                path.Add((ids[end], span));
        }
        path.Reverse();
        var result = byteIds is null ? path.Where(each => each.Id >= 0).ToList() : Bytes(piece, path, byteIds);
        return new Segmentation([.. result.Select(each => each.Id)], [.. result.Select(each => each.Span)]);
    }

    private List<(int Id, CharSpan Span)> Bytes(ReadOnlySpan<char> piece, List<(int Id, CharSpan Span)> path, int[] byteIds)
    {
        var result = new List<(int Id, CharSpan Span)>(path.Count);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var (id, span) in path)
        {
            if (id != unknown)
            {
                result.Add((id, span));
                continue;
            }
            Utf8.Next(piece[span.Start..span.End], utf8, out var count);
            foreach (var b in utf8[..count])
                result.Add((byteIds[b], span));
        }
        return result;
    }
}
