namespace Interp;

using System.Text;

/// <summary>Matches characters by a question about each: one match a character, or one a run.</summary>
internal sealed class KindPattern(Func<Rune, bool> belongs, bool runs) : TextPattern
{
    public override List<CharSpan> Matches(Piece piece)
    {
        var matches = new List<CharSpan>();
        var text = piece.Span;
        for (var at = 0; at < text.Length;)
        {
            if (!belongs(Utf8.First(text[at..], out var width)))
            {
                at += width;
                continue;
            }
            if (runs && matches.Count > 0 && matches[^1].End == at)
                matches[^1] = new CharSpan(matches[^1].Start, at + width);
            else
                matches.Add(new CharSpan(at, at + width));
            at += width;
        }
        return matches;
    }
}
