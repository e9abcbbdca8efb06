namespace Interp;

/// <summary>A hand-written reading of a well-known splitting pattern, many times faster than the regular expression.</summary>
internal abstract class PatternSplitter : PreTokenizer
{
    private static readonly CharacterKind[] Ascii = [.. Enumerable.Range(0, 128).Select(c => KindOf(new System.Text.Rune(c)))];

    public override void Split(Piece piece, List<Piece> pieces)
    {
        var text = piece.Span;
        for (var at = 0; at < text.Length;)
        {
            var end = Next(text, at);
            pieces.Add(piece.Slice(at, end - at));
            at = end;
        }
    }

    /// <summary>Where the piece ends that begins at <paramref name="at"/>; beyond <paramref name="at"/>.</summary>
    protected abstract int Next(ReadOnlySpan<char> text, int at);

    /// <summary>The kind of the character at an index, and its width in code units.</summary>
    protected static CharacterKind KindAt(ReadOnlySpan<char> text, int at, out int width)
    {
        var c = text[at];
        width = 1;
        return c < 128 ? Ascii[c] : KindOf(Utf8.First(text[at..], out width));
    }

    /// <summary>Where the run of one kind ends, which lasts at least up to <paramref name="at"/>.</summary>
    protected static int Run(ReadOnlySpan<char> text, int at, CharacterKind kind)
    {
        while (at < text.Length && KindAt(text, at, out var width) == kind)
            at += width;
        return at;
    }

    /// <summary>White space: as <c>\s+(?!\S)|\s+</c> has it, the last space before a word is left to the word.</summary>
    protected static int Spaces(ReadOnlySpan<char> text, int at)
    {
        var end = Run(text, at, CharacterKind.Space);
        return end == text.Length || end - at == 1 ? end : end - 1;
    }

    /// <summary>The length of an English contraction's tail after an apostrophe (s, t, m, d: 1; re, ve, ll: 2), or 0.</summary>
    protected static int Contraction(ReadOnlySpan<char> tail, bool ignoreCase)
    {
        if (tail.Length == 0)
            return 0;
        var first = ignoreCase ? Fold(tail[0]) : tail[0];
        if (first is 's' or 't' or 'm' or 'd')
            return 1;
        if (tail.Length == 1)
            return 0;
        var second = ignoreCase ? Fold(tail[1]) : tail[1];
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
    }

    // The long s folds to s in Unicode; of the letters of contractions it is the only one with such a relative.
    private static char Fold(char c) => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c == '\u017F' ? 's' : c;

    private static CharacterKind KindOf(System.Text.Rune rune) =>
        CharacterClass.IsLetter(rune) ? CharacterKind.Letter
        : CharacterClass.IsNumber(rune) ? CharacterKind.Number
        : CharacterClass.IsSpace(rune) ? CharacterKind.Space
        : CharacterKind.Other;
}
