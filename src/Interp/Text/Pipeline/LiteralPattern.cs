namespace Interp;

/// <summary>A literal string; the empty string matches nowhere.</summary>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    public override List<CharSpan> Matches(Piece piece)
    {
        var matches = new List<CharSpan>();
        var text = piece.Span;
        for (var at = 0; literal.Length > 0 && at <= text.Length - literal.Length;)
        {
            var found = text[at..].IndexOf(literal, StringComparison.Ordinal);
            if (found < 0)
                break;
            matches.Add(new CharSpan(at + found, at + found + literal.Length));
            at += found + literal.Length;
        }
        return matches;
    }
}
