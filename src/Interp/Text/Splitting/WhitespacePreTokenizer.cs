namespace Interp;

/// <summary>The Whitespace pre-tokenizer, <c>\w+|[^\w\s]+</c>: words and runs of signs are pieces, white space falls away.</summary>
internal sealed class WhitespacePreTokenizer : PreTokenizer
{
    public override void Split(Piece piece, List<Piece> pieces)
    {
        var text = piece.Span;
        var (start, last) = (0, Kind.Space);
        for (var at = 0; at < text.Length;)
        {
            var rune = Utf8.First(text[at..], out var width);
            var kind = CharacterClass.IsWord(rune) ? Kind.Word : CharacterClass.IsSpace(rune) ? Kind.Space : Kind.Sign;
            if (kind != last)
            {
                if (last != Kind.Space)
                    pieces.Add(piece.Slice(start, at - start));
                (start, last) = (at, kind);
            }
            at += width;
        }
        if (last != Kind.Space)
            pieces.Add(piece.Slice(start, text.Length - start));
    }

    private enum Kind
    {
        Space,
        Word,
        Sign,
    }
}
