namespace Interp.Surface.House;

using System.Text.RegularExpressions;
using Interp.Surface.Support;
using Shouldly;
using Xunit;

/// <summary>The evidence page says what was declared and recorded, and nothing else.</summary>
[Trait("Tier", "unit")]
public sealed partial class EvidenceTests
{
    private static readonly EvidenceRow Row = new("row", "a claim", "a test", ["gpt2", "llama"], null);

    [Fact]
    public void Page_AsCommitted_IsDrawnFromTheRecordedFigures() =>
        File.ReadAllText(Path.Combine(Checkout.Root, "docs", "evidence.md"))
            .ShouldBe(
                EvidencePage.Render(EvidencePage.ReadAreas(Checkout.Root), EvidencePage.ReadRuns(Checkout.Root)),
                "write it again: dotnet run eng/evidence/render.cs -- page"
            );

    [Fact]
    public void Rows_OfAllAreas_HaveOneDeclaration() =>
        Declared().GroupBy(id => id).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty();

    [Fact]
    public void Rows_ThatSourcesRecord_AreDeclared()
    {
        var declared = Declared().ToHashSet();
        var folders = new[] { "tests", "benchmarks" }.Select(name => Path.Combine(Checkout.Root, name)).Where(Directory.Exists);
        folders
            .SelectMany(Checkout.Sources)
            .SelectMany(file => Recorded().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Where(id => !declared.Contains(id))
            .ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gpt2 raw: 1e-7;llama: 2e-7", "yes")]
    [InlineData("gpt2 raw: 1e-7;llama_gqa: 2e-7", "open")]
    [InlineData("gpt2 raw: 1e-7;!llama: 2e-3", "**no**")]
    [InlineData("", "open")]
    public void Verdict_FiguresOfCases_HoldsWhenEachCaseHas(string figures, string expected) =>
        EvidencePage
            .Verdict(
                Row,
                [
                    .. figures
                        .Split(';', StringSplitOptions.RemoveEmptyEntries)
                        .Select(text => new EvidenceFigure("row", !text.StartsWith('!'), text.TrimStart('!'), "test")),
                ]
            )
            .ShouldBe(expected);

    [Fact]
    public void Page_FigureWithMarkup_IsEscaped()
    {
        var areas = new SortedDictionary<string, EvidenceArea> { ["area"] = new("Area", null, null, [Row with { Cases = null }]) };
        var runs = new SortedDictionary<string, EvidenceRun>
        {
            ["area"] = new("abc", "2026-01-01", "a machine", "1 passed", [new("row", true, "a | b < c", "test")]),
        };
        EvidencePage.Render(areas, runs).ShouldContain("| a claim | a test | yes | a \\| b &lt; c |");
    }

    private static IEnumerable<string> Declared() =>
        EvidencePage.ReadAreas(Checkout.Root).Values.SelectMany(area => area.Rows).Select(row => row.Id);

    [GeneratedRegex("""Evidence\.Record\(\s*"([^"]+)""")]
    private static partial Regex Recorded();
}
