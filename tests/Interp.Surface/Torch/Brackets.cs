namespace Interp.Surface.Torch;

/// <summary>Reading signatures: brackets nest.</summary>
internal static class Brackets
{
    /// <summary>The parts between separators that stand outside all brackets, trimmed.</summary>
    public static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += Step(text[i]);
            if (depth != 0 || text[i] != separator)
                continue;
            parts.Add(text[start..i].Trim());
            start = i + 1;
        }
        if (text[start..].Trim() is { Length: > 0 } last)
            parts.Add(last);
        return parts;
    }

    /// <summary>The index of the bracket that the closing bracket at <paramref name="close"/> closes.</summary>
    public static int Opening(string text, int close)
    {
        var depth = 0;
        for (var i = close; i >= 0; i--)
        {
            depth -= Step(text[i]);
            if (depth == 0)
                return i;
        }
        throw new InvalidDataException($"no opening bracket for the one at {close} in: {text}");
    }

    /// <summary>Splits at the last blank outside all brackets: everything before, and the last word.</summary>
    public static (string Before, string Last) LastWord(string text)
    {
        var depth = 0;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            depth -= Step(text[i]);
            if (depth == 0 && text[i] == ' ')
                return (text[..i].TrimEnd(), text[(i + 1)..]);
        }
        return ("", text);
    }

    private static int Step(char c) =>
        c is '(' or '<' or '[' ? 1
        : c is ')' or '>' or ']' ? -1
        : 0;
}
