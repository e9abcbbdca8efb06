namespace Interp.Docs.Tests.Support;

using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

/// <summary>Summaries of the library's own documentation file.</summary>
internal static partial class XmlDocs
{
    private static readonly Dictionary<string, string> Summaries = XDocument
        .Load(Path.ChangeExtension(typeof(Models).Assembly.Location, ".xml"))
        .Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => Text(member.Element("summary")!));

    /// <summary>The summary of a type, as one line.</summary>
    public static string Of(Type type) => Summaries[$"T:{type.FullName}"];

    /// <summary>The summary of a property, as one line, without its shape.</summary>
    public static string Of(PropertyInfo property) => Shape().Replace(Summaries[$"P:{property.DeclaringType!.FullName}.{property.Name}"], "").TrimEnd('.').Replace("; lazy", "");

    private static string Text(XElement summary) => Spaces().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")?.Value.Split('.', ':', '(')[^1]}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement other => other.Value,
        _ => "",
    };

    [GeneratedRegex(@",? \[[^\]]*\]")]
    private static partial Regex Shape();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
