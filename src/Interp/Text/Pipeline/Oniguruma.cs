namespace Interp;

using System.Globalization;
using System.Text;

/// <summary>
/// Rewrites a regular expression of Oniguruma (Ruby syntax), which tokenizer.json is written in, for .NET:
/// 1. <c>?+</c>, <c>*+</c>, <c>++</c> are possessive and become atomic groups; <c>{n,m}+</c> is not possessive, it repeats;
/// 2. <c>\p{Han}</c> and other scripts that .NET lacks become ranges, <c>\w</c> the classes that it has there, <c>\h</c> hexadecimal digits,
///    <c>\x{...}</c> the character.
/// </summary>
internal sealed class Oniguruma
{
    private const string Word = @"\p{L}\p{M}\p{Nl}\p{Nd}\p{Pc}";
    private const string Han = @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFA6D\uFA70-\uFAD9";

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["Han"] = Han,
        ["Hiragana"] = @"\u3041-\u3096\u309D-\u309F",
        ["Katakana"] = @"\u30A1-\u30FA\u30FD-\u30FF\u31F0-\u31FF\u32D0-\u32FE\u3300-\u3357\uFF66-\uFF6F\uFF71-\uFF9D",
        ["Hangul"] = @"\u1100-\u11FF\u302E-\u302F\u3131-\u318E\u3200-\u321E\u3260-\u327E\uA960-\uA97C\uAC00-\uD7A3\uD7B0-\uD7C6\uD7CB-\uD7FB\uFFA0-\uFFBE\uFFC2-\uFFC7\uFFCA-\uFFCF\uFFD2-\uFFD7\uFFDA-\uFFDC",
        ["Thai"] = @"\u0E01-\u0E3A\u0E40-\u0E5B",
        ["Letter"] = @"\p{L}",
        ["Number"] = @"\p{N}",
        ["Punctuation"] = @"\p{P}",
        ["Symbol"] = @"\p{S}",
        ["Mark"] = @"\p{M}",
        ["Space"] = @"\s",
        ["Alnum"] = @"\p{L}\p{M}\p{N}",
        ["Alpha"] = @"\p{L}\p{M}\p{Nl}",
        ["Digit"] = @"\p{Nd}",
        ["Punct"] = @"\p{P}",
        ["Upper"] = @"\p{Lu}",
        ["Lower"] = @"\p{Ll}",
    };

    private readonly string pattern;
    private readonly StringBuilder output = new();
    private readonly Stack<int> groups = new();
    private int at;
    private int atom;

    private Oniguruma(string pattern) => this.pattern = pattern;

    /// <exception cref="ArgumentException">A group or a class is not closed.</exception>
    public static string Translate(string pattern) => new Oniguruma(pattern).Run();

    /// <summary>Whether a code point is a Chinese character, in any plane.</summary>
    public static bool IsHan(int c) => c is >= 0x2E80 and <= 0x2FD5 or 0x3005 or 0x3007 or >= 0x3021 and <= 0x3029 or >= 0x3038 and <= 0x303B
        or >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAD9 or >= 0x20000 and <= 0x323AF;

    private string Run()
    {
        while (at < pattern.Length)
            Step();
        return output.ToString();
    }

    private void Step()
    {
        switch (pattern[at])
        {
            case '\\':
                atom = output.Length;
                Escape(inClass: false);
                break;
            case '[':
                atom = output.Length;
                Class();
                break;
            case '(':
                groups.Push(output.Length);
                output.Append(pattern[at++]);
                break;
            case ')':
                atom = groups.Count > 0 ? groups.Pop() : throw new ArgumentException($"the parenthesis at {at} closes no group");
                output.Append(pattern[at++]);
                break;
            case '?' or '*' or '+' when !IsGroupHead():
                Quantifier(pattern[at++].ToString(), canBePossessive: true);
                break;
            case '{' when pattern.IndexOf('}', at) is > 0 and var end && IsCount(pattern.AsSpan(at + 1, end - at - 1)):
                var count = pattern[at..(end + 1)];
                at = end + 1;
                Quantifier(count, canBePossessive: false);
                break;
            default:
                atom = output.Length;
                output.Append(pattern[at++]);
                break;
        }
    }

    private bool IsGroupHead() => at > 0 && pattern[at - 1] == '(' && (at < 2 || pattern[at - 2] != '\\');

    private static bool IsCount(ReadOnlySpan<char> text) => text.Length > 0 && text.IndexOfAnyExcept("0123456789,") < 0;

    private void Quantifier(string quantifier, bool canBePossessive)
    {
        output.Append(quantifier);
        if (at >= pattern.Length)
            return;
        if (pattern[at] == '?')
            output.Append(pattern[at++]);
        else if (pattern[at] == '+')
        {
            at++;
            output.Insert(atom, canBePossessive ? "(?>" : "(?:").Append(canBePossessive ? ")" : ")+");
        }
    }

    private void Class()
    {
        var depth = 0;
        var start = at;
        do
        {
            if (at >= pattern.Length)
                throw new ArgumentException($"the class at {start} is not closed");
            if (pattern[at] == '[' && pattern.AsSpan(at).StartsWith("[:"))
                Posix();
            else if (pattern[at] == '\\')
                Escape(inClass: true);
            else
            {
                depth += pattern[at] == '[' ? 1 : pattern[at] == ']' ? -1 : 0;
                if (depth > 1)
                    throw new ArgumentException($"a class within a class, at {at}, is not read here");
                output.Append(pattern[at++]);
            }
        }
        while (depth > 0);
    }

    private void Posix()
    {
        var end = pattern.IndexOf(":]", at, StringComparison.Ordinal);
        if (end < 0)
            throw new ArgumentException($"the class at {at} is not closed");
        var name = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(pattern[(at + 2)..end]);
        output.Append(Scripts.TryGetValue(name, out var members) ? members : throw new ArgumentException($"[:{name}:] is not known here"));
        at = end + 2;
    }

    private void Escape(bool inClass)
    {
        if (at + 1 >= pattern.Length)
            throw new ArgumentException("the pattern ends with a backslash");
        var letter = pattern[at + 1];
        var braced = at + 2 < pattern.Length && pattern[at + 2] == '{' ? pattern.IndexOf('}', at) : -1;
        if (letter is 'p' or 'P' && braced > 0)
            Property(pattern[(at + 3)..braced], letter == 'P', inClass, braced + 1);
        else if (letter == 'x' && braced > 0 && int.TryParse(pattern[(at + 3)..braced], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code) && code <= 0xFFFF)
            Emit($"\\u{code:X4}", braced + 1);
        else if (letter is 'w' or 'h')
            Emit(Members(letter == 'w' ? Word : "0-9a-fA-F", inClass, negated: false), at + 2);
        else if (letter is 'W' or 'H' && !inClass)
            Emit(Members(letter == 'W' ? Word : "0-9a-fA-F", inClass, negated: true), at + 2);
        else
            Emit(pattern.Substring(at, 2), at + 2);
    }

    private void Property(string name, bool negated, bool inClass, int next)
    {
        if (name.StartsWith('^'))
            (name, negated) = (name[1..], !negated);
        Emit(Scripts.TryGetValue(name, out var members) ? Members(members, inClass, negated) : $"\\{(negated ? 'P' : 'p')}{{{name}}}", next);
    }

    private static string Members(string members, bool inClass, bool negated) => (inClass, negated) switch
    {
        (true, false) => members,
        (true, true) => throw new ArgumentException("the opposite of a script within a class is not read here"),
        _ => $"[{(negated ? "^" : "")}{members}]",
    };

    private void Emit(string text, int next)
    {
        output.Append(text);
        at = next;
    }
}
