namespace Interp.Tests.Unit.Figures;

using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class LensTableTests
{
    private static LensTable Sample()
    {
        LensCell Cell(string token, double p) => LensCell.From([(token, p), ("</script>", 0.01)]);
        return new LensTable(
            new Axis("layer", 2),
            new Axis("pos", ["<s>", " went"]),
            [[Cell("\n", 0.25), Cell(" to", 0.5)], [Cell(" She", 0.97), Cell(" to", 1)]]);
    }

    [Fact]
    public void ToTable_Sample_AlignsTokensAndProbabilities() =>
        Sample().ToTable().ShouldBe(
            """
            Logit lens
            layer \ pos        <s>     ·went
            0               ⏎ 0.25  ·to 0.50
            1            ·She 0.97  ·to 1.00

            """);

    [Fact]
    public void Draw_Sample_HasOneCellEachWithItsTopTokens()
    {
        var html = Sample().Draw().Html;
        Regex.Count(html, "<td ").ShouldBe(4);
        html.ShouldContain("title=\"layer 0, pos 1 ·went&#10;0.5000  ·to&#10;0.0100  &lt;/script&gt;\"");
        Regex.Count(html, "</script").ShouldBe(1);
        html.ShouldContain("<b>&lt;s&gt;</b>");
    }

    [Fact]
    public void Draw_TokenOfTheLastRow_IsMarkedAbove()
    {
        var html = Sample().Draw().Html;
        Regex.Count(html, "<td class=\"[^\"]* f\"").ShouldBe(3);
    }

    [Fact]
    public void Draw_Probability_SetsTheLevel() => Sample().Draw().Html.ShouldContain("<td class=\"s32 w f\"");

    [Fact]
    public void Constructor_MissingCells_NamesTheRow() =>
        Should.Throw<ArgumentException>(() => new LensTable(new Axis("layer", 2), new Axis("pos", 1), [[LensCell.From([("a", 1)])], []])).Message
            .ShouldContain("0 cells at layer 1 for 1 positions");

    [Fact]
    public void Draw_ManyPositions_GoesOnBelowOnPaperWithItsLabels()
    {
        const int Positions = 64;
        var row = Enumerable.Repeat(LensCell.From([(" went", 0.5)]), Positions).ToArray();
        var html = new LensTable(new Axis("layer", 3), new Axis("pos", Positions), [row, row, row]).Draw().Html;
        Regex.Count(html, "<td ").ShouldBe(3 * Positions);
        var tables = Regex.Count(html, "<table ");
        tables.ShouldBeGreaterThan(1);
        Regex.Count(html, "<th>layer 0</th>").ShouldBe(tables);
        Regex.Matches(html, @"<th>(\d+)<b>").Select(m => int.Parse(m.Groups[1].Value)).ShouldBe(Enumerable.Range(0, Positions));
        Regex.Count(Sample().Draw().Html, "<table ").ShouldBe(1);
    }

    [Fact]
    public void Draw_NoRows_StaysSmall() =>
        new LensTable(new Axis("layer", 0), new Axis("pos", 3), []).Draw().Html.Length.ShouldBeLessThan(25_000);
}
