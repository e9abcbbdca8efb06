namespace Interp.Surface.Torch;

using System.Text.RegularExpressions;

/// <summary>Turns one listed signature into a C# member whose body throws.</summary>
/// <remarks>The listing prints keywords without <c>@</c> and enum defaults without their type, and leaves <c>public</c> out.</remarks>
internal static partial class MemberWriter
{
    private const string Throw = "=> throw null!;";

    private static readonly string[] ModifierWords =
    [
        "public",
        "protected",
        "internal",
        "static",
        "abstract",
        "virtual",
        "override",
        "sealed",
        "readonly",
        "const",
        "implicit",
        "explicit",
        "unsafe",
    ];

    /// <summary>The member of a class, struct or interface.</summary>
    public static string Write(string line, ListedType type)
    {
        var obsolete = line.StartsWith("[Obsolete]", StringComparison.Ordinal);
        var (modifiers, rest) = Modifiers(obsolete ? line["[Obsolete]".Length..].Trim() : line);
        return (obsolete ? "[System.Obsolete(\"so the listing says\")] " : "") + Body(modifiers, rest, type);
    }

    /// <summary>The member of an enum, e.g. <c>@short = 1</c>.</summary>
    public static string WriteEnum(string line) => "@" + line;

    /// <summary>Whether the line is a constructor without parameters.</summary>
    public static bool IsDefaultConstructor(string line, ListedType type) => Modifiers(line).Signature == $"{type.SimpleName}()";

    /// <summary>The enum-typed defaults of a line: the parameter's type and the member's bare name.</summary>
    public static IEnumerable<(string Type, string Member)> EnumDefaults(string line) =>
        EnumDefault()
            .Matches(line)
            .Select(match => (match.Groups["type"].Value, match.Groups["member"].Value))
            .Where(pair => !IsKeyword(pair.Item2));

    private static string Body(List<string> modifiers, string rest, ListedType type)
    {
        if (rest.StartsWith('~'))
            return $"{rest} {{ }}";
        var prefix = type.IsInterface ? "" : Access(modifiers);
        if (rest.EndsWith('}'))
            return prefix + Property(modifiers, rest, type);
        if (rest.EndsWith(')') || rest.Contains(") where ", StringComparison.Ordinal))
            return prefix + Method(modifiers, rest, type);
        return prefix + Field(rest);
    }

    private static (List<string> Words, string Signature) Modifiers(string line)
    {
        var modifiers = new List<string>();
        while (line.IndexOf(' ') is > 0 and var blank && ModifierWords.Contains(line[..blank]))
        {
            modifiers.Add(line[..blank]);
            line = line[(blank + 1)..];
        }
        return (modifiers, line);
    }

    private static string Access(List<string> modifiers) =>
        (modifiers.Any(word => word is "protected" or "internal" or "public") ? "" : "public ")
        + string.Concat(modifiers.Select(word => word + " "));

    private static string Property(List<string> modifiers, string rest, ListedType type)
    {
        var brace = rest.LastIndexOf('{');
        var (declaration, accessors) = (rest[..brace].TrimEnd(), rest[brace..]);
        if (!type.IsInterface && !modifiers.Contains("abstract"))
            accessors = accessors
                .Replace("get;", "get " + Throw, StringComparison.Ordinal)
                .Replace("set;", "set " + Throw, StringComparison.Ordinal);
        if (!declaration.EndsWith(']'))
        {
            var (kind, name) = Brackets.LastWord(declaration);
            return $"{kind} @{name} {accessors}";
        }
        var open = Brackets.Opening(declaration, declaration.Length - 1);
        return $"{declaration[..open]}[{Parameters(declaration[(open + 1)..^1])}] {accessors}";
    }

    private static string Method(List<string> modifiers, string rest, ListedType type)
    {
        var where = rest.IndexOf(") where ", StringComparison.Ordinal);
        var (signature, constraints) = where < 0 ? (rest, "") : (rest[..(where + 1)], rest[(where + 1)..]);
        var open = Brackets.Opening(signature, signature.Length - 1);
        var parameters = Parameters(signature[(open + 1)..^1]);
        var head = signature[..open];
        var body = type.IsInterface || modifiers.Contains("abstract") ? ";" : " " + Throw;
        // constructors and operators keep their names; a method's name may be a keyword
        if (head != type.SimpleName && !head.Contains("operator ", StringComparison.Ordinal))
        {
            var (kind, name) = Brackets.LastWord(head);
            head = $"{kind} @{name}";
        }
        return $"{head}({parameters}){constraints}{body}";
    }

    private static string Field(string rest)
    {
        var parts = rest.Split(" = ", 2);
        var (kind, name) = Brackets.LastWord(parts[0]);
        return parts.Length == 1 ? $"{kind} @{name};" : $"{kind} @{name} = {Default(kind, parts[1])};";
    }

    private static string Parameters(string list) => string.Join(", ", Brackets.Split(list, ',').Select(Parameter));

    private static string Parameter(string text)
    {
        var parts = text.Split(" = ", 2);
        var (kind, name) = Brackets.LastWord(parts[0]);
        return parts.Length == 1 ? $"{kind} @{name}" : $"{kind} @{name} = {Default(kind, parts[1])}";
    }

    private static string Default(string type, string value) =>
        type.TrimEnd('?') switch
        {
            "float" when value != "null" => value + "f",
            var kind when Word().IsMatch(value) && !IsKeyword(value) => $"{kind}.@{value}",
            _ => value,
        };

    private static bool IsKeyword(string word) => word is "null" or "true" or "false" or "default";

    [GeneratedRegex(@"^[A-Za-z_]\w*$")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<type>[\w.]+)\?? \w+ = (?<member>[A-Za-z_]\w*)(?=[,)]|$)")]
    private static partial Regex EnumDefault();
}
