namespace Interp.Surface.House;

using System.Text.RegularExpressions;
using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shouldly;
using Xunit;

/// <summary>The C# in README and docs compiles: a block by itself, or together with the blocks above it on its page.</summary>
[Trait("Tier", "unit")]
public sealed partial class DocsTests
{
    private static readonly CSharpParseOptions Parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14);

    [Fact]
    public void Snippets_OfReadmeAndDocs_Compile()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md").Append(Path.Combine(Checkout.Root, "README.md"));
        pages.Order(StringComparer.Ordinal).SelectMany(Failures).ShouldBeEmpty();
    }

    private static IEnumerable<string> Failures(string page)
    {
        var above = "";
        foreach (Match block in Block().Matches(File.ReadAllText(page).ReplaceLineEndings("\n")))
        {
            var code = block.Groups["code"].Value;
            above += code;
            var errors = Errors(code);
            if (errors.Count > 0 && Errors(above).Count > 0)
                yield return $"{Path.GetRelativePath(Checkout.Root, page)}: {code.Split('\n')[0]} ...: {string.Join("; ", errors.Take(3))}";
        }
    }

    private static List<string> Errors(string code)
    {
        // using directives of later blocks come before the statements of earlier ones
        var usings = Using().Matches(code).Select(match => match.Value.Trim()).Distinct();
        var program = string.Join('\n', usings) + "\n" + Using().Replace(code, "");
        var trees = new[] { LibraryCompilation.ImplicitUsings, program }.Select(text => CSharpSyntaxTree.ParseText(text, Parse));
        var library = LibraryCompilation.OverSystemTorch;
        var compilation = CSharpCompilation.Create(
            "Snippet",
            trees,
            [.. library.References, library.ToMetadataReference()],
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: true)
        );
        return [.. compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.GetMessage())];
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^using (static )?[\w.]+;.*$\n?", RegexOptions.Multiline)]
    private static partial Regex Using();
}
