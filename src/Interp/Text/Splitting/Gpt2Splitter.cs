namespace Interp;

/// <summary>GPT-2's pattern, read rune by rune.</summary>
internal sealed class Gpt2Splitter : PatternSplitter
{
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    protected override int Next(ReadOnlySpan<char> text, int at)
    {
        if (text[at] == '\'' && Contraction(text[(at + 1)..], ignoreCase: false) is > 0 and var length)
            return at + 1 + length;
        var word = text[at] == ' ' && at + 1 < text.Length ? at + 1 : at;
        var kind = KindAt(text, word, out var width);
        return kind == CharacterKind.Space ? Spaces(text, at) : Run(text, word + width, kind);
    }
}
