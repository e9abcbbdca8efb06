namespace Interp.Surface.Torch;

using System.Text.RegularExpressions;

/// <summary>Reads the listing of TorchSharp's public signatures, those that version 0.106.0 has: tagged blank or <c>+</c>.</summary>
/// <remarks>A type begins with <c>## header</c>; each member is one line: blank, tag, blank, signature.</remarks>
internal static partial class Listing
{
    private static readonly string[] Namespaces = ["TorchSharp.Modules", "TorchSharp.Utils", "TorchSharp"];

    public static IReadOnlyList<ListedType> Read(string path)
    {
        var types = new List<ListedType>();
        ListedType? current = null;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                current = line.Contains("[type new in 0.107]", StringComparison.Ordinal) ? null : Header(line[3..]);
                if (current is not null)
                    types.Add(current);
            }
            else if (Member().Match(line) is { Success: true } member)
            {
                if (member.Groups["tag"].Value != "N")
                    current?.Members.Add(member.Groups["text"].Value.TrimEnd());
            }
            else
            {
                current = null;
            }
        }
        return types;
    }

    private static ListedType Header(string text)
    {
        text = TypeNote().Replace(text, "").Trim();
        var name = text.IndexOf("TorchSharp.", StringComparison.Ordinal);
        var (path, constraints, bases) = Sections(text[name..]);
        var space = Namespaces.First(candidate => path.StartsWith(candidate + ".", StringComparison.Ordinal));
        return new ListedType(text[..name].Trim(), space, Brackets.Split(path[(space.Length + 1)..], '.'), constraints, bases, []);
    }

    // "Name : Bases", or "Name where T : Constraint : Bases": the constraint stands before the bases.
    private static (string Path, string Constraints, string Bases) Sections(string text)
    {
        var where = text.IndexOf(" where ", StringComparison.Ordinal);
        if (where < 0)
        {
            var parts = text.Split(" : ", 2);
            return (parts[0], "", parts.ElementAtOrDefault(1) ?? "");
        }
        var clause = text[(where + 1)..].Split(" : ");
        return (text[..where], $"{clause[0]} : {clause[1]}", clause.ElementAtOrDefault(2) ?? "");
    }

    [GeneratedRegex(@"^ (?<tag>[ N+]) (?<text>\S.*)$")]
    private static partial Regex Member();

    [GeneratedRegex(@"\s*\[type [^\]]*\]")]
    private static partial Regex TypeNote();
}
