namespace Interp;

using System.Buffers;

/// <summary>Finds added tokens in text: leftmost first, of those that begin there the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, (string Content, AddedToken Token)[]> byFirst;
    private readonly SearchValues<string>? any;

    /// <param name="tokens">The tokens and the spelling in which each is sought.</param>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        var sought = tokens.Where(each => each.Content.Length > 0).DistinctBy(each => each.Content).ToArray();
        byFirst = sought.GroupBy(each => each.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(each => each.Content.Length).ToArray());
        any = sought.Length == 0 ? null : SearchValues.Create([.. sought.Select(each => each.Content)], StringComparison.Ordinal);
    }

    /// <summary>Cuts a piece at the added tokens: stretches with no token and tokens, in order; empty stretches are left out.</summary>
    public void Split(Piece piece, bool parseSpecial, List<(Piece Piece, AddedToken? Token)> parts)
    {
        var text = piece.Span;
        var done = 0;
        for (var at = 0; any is not null && at < text.Length;)
        {
            var found = text[at..].IndexOfAny(any);
            if (found < 0)
                break;
            var (content, token) = Longest(text[(at + found)..]);
            var (start, end) = (at + found, at + found + content.Length);
            at = end;
            if ((token.Special && !parseSpecial) || (token.SingleWord && !IsSingleWord(text, start, end)))
                continue;
            if (token.StripLeft)
                start = LeftOfSpace(text, start, done);
            if (token.StripRight)
                end = RightOfSpace(text, end);
            if (start > done)
                parts.Add((piece.Slice(done, start - done), null));
            parts.Add((piece.Slice(start, end - start), token));
            at = done = end;
        }
        if (done < text.Length)
            parts.Add((piece.Slice(done, text.Length - done), null));
    }

    private static int LeftOfSpace(ReadOnlySpan<char> text, int start, int least)
    {
        while (start > least && char.IsWhiteSpace(text[start - 1]))
            start--;
        return start;
    }

    private static int RightOfSpace(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        return end;
    }

    private static bool IsSingleWord(ReadOnlySpan<char> text, int start, int end) =>
        (start == 0 || !CharacterClass.IsWord(Utf8.Last(text[..start]))) && (end == text.Length || !CharacterClass.IsWord(Utf8.First(text[end..], out _)));

    private (string Content, AddedToken Token) Longest(ReadOnlySpan<char> text)
    {
        foreach (var each in byFirst[text[0]])
            if (text.StartsWith(each.Content, StringComparison.Ordinal))
                return each;
        throw new InvalidOperationException($"no added token begins at '{text[0]}'");
    }
}
