namespace Interp;

/// <summary>Reads a pattern: <c>{"String": ...}</c> or <c>{"Regex": ...}</c>.</summary>
internal static class PatternReader
{
    public static TextPattern Read(JsonPart part) =>
        part.FindText("String") is { } literal ? new LiteralPattern(literal)
        : part.FindText("Regex") is { } regex ? new RegexPattern(regex, part.Path)
        : throw part.Error("a pattern needs 'String' or 'Regex'");
}
