namespace Interp;

/// <summary>The pattern of cl100k and of Llama 3 (numbers in threes), also as Qwen 2 has it (digit by digit), read rune by rune.</summary>
internal sealed class Cl100kSplitter(int mostDigits) : PatternSplitter
{
    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    protected override int Next(ReadOnlySpan<char> text, int at)
    {
        if (text[at] == '\'' && Contraction(text[(at + 1)..], ignoreCase: true) is > 0 and var length)
            return at + 1 + length;
        var kind = KindAt(text, at, out var width);
        var after = at + width;
        if (kind == CharacterKind.Letter)
            return Run(text, after, kind);
        if (kind == CharacterKind.Number)
            return Digits(text, after);
        var next = after < text.Length ? KindAt(text, after, out _) : CharacterKind.Space;
        if (next == CharacterKind.Letter && text[at] is not ('\r' or '\n'))
            return Run(text, after, next);
        if (kind == CharacterKind.Other || (text[at] == ' ' && next == CharacterKind.Other))
            return Breaks(text, Run(text, after, CharacterKind.Other));
        var spaces = Run(text, at, CharacterKind.Space);
        var line = text[at..spaces].LastIndexOfAny('\r', '\n');
        return line >= 0 ? at + line + 1 : Spaces(text, at);
    }

    private static int Breaks(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && (text[at] is '\r' or '\n'))
            at++;
        return at;
    }

    private int Digits(ReadOnlySpan<char> text, int at)
    {
        for (var count = 1; count < mostDigits && at < text.Length && KindAt(text, at, out var width) == CharacterKind.Number; count++)
            at += width;
        return at;
    }
}
