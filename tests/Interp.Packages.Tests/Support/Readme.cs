namespace Interp.Packages.Tests.Support;

using System.Text.RegularExpressions;
using Interp.Surface.Support;

/// <summary>A package's README with its first program.</summary>
internal sealed partial record Readme(string Text)
{
    public static Readme Of(string id) => new(File.ReadAllText(Path.Combine(Checkout.Root, "eng", "package", id + ".md")));

    /// <summary>The lines of the program that begin with <c>#:</c>.</summary>
    public IReadOnlyList<string> Directives => [.. Lines.Where(IsDirective)];

    /// <summary>The program without them.</summary>
    public string Program => string.Join('\n', Lines.Where(line => !IsDirective(line)));

    private string[] Lines => Block().Match(Text).Groups[1].Value.Split('\n');

    private static bool IsDirective(string line) => line.StartsWith("#:", StringComparison.Ordinal);

    [GeneratedRegex(@"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
