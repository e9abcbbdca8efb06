namespace Interp.Tests.Unit.Figures;

using System.Xml.Linq;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class HeatmapTests
{
    private static readonly XNamespace Ns = "http://www.w3.org/2000/svg";

    private static LabelledArray Sample() => new(
        [new Axis("layer", 2), new Axis("pos", ["</script>", " John", "\n"])], [-1, 0, 2, 0.5, double.NaN, -2], "logit difference");

    private static XElement[] Cells(Figure figure) =>
        [.. XDocument.Parse(figure.Svg).Descendants(Ns + "rect").Where(r => ((string?)r.Attribute("class"))?.StartsWith("cell") == true)];

    [Fact]
    public void Heatmap_TwoAxes_HasOneCellAValueWithItsPlaceAndValue()
    {
        var cells = Cells(Sample().Heatmap());
        cells.Length.ShouldBe(6);
        cells[0].Element(Ns + "title")!.Value.ShouldBe("layer 0, pos 0 </script>\nlogit difference -1.000");
        cells[4].Element(Ns + "title")!.Value.ShouldBe("layer 1, pos 1 ·John\nlogit difference missing");
    }

    [Fact]
    public void Heatmap_Colours_AreCentredAtZeroAndSymmetric()
    {
        var classes = Cells(Sample().Heatmap()).Select(c => (string)c.Attribute("class")!).ToArray();
        classes.ShouldBe(["cell d16", "cell d32", "cell d64", "cell d40", "cell na", "cell d0"]);
    }

    [Fact]
    public void Heatmap_Limit_SaturatesBeyondIt()
    {
        var classes = Cells(Sample().Heatmap(limit: 0.5)).Select(c => (string)c.Attribute("class")!).ToArray();
        classes.ShouldBe(["cell d0", "cell d32", "cell d64", "cell d64", "cell na", "cell d0"]);
        Should.Throw<ArgumentOutOfRangeException>(() => Sample().Heatmap(limit: 0));
    }

    [Fact]
    public void Heatmap_AxesSwapped_DrawsTheTranspose()
    {
        var cells = Cells(Sample().Heatmap(x: "layer", y: "pos"));
        cells[1].Element(Ns + "title")!.Value.ShouldStartWith("pos 0 </script>, layer 1");
        Cells(Sample().Heatmap(y: "pos"))[1].Element(Ns + "title")!.Value.ShouldStartWith("pos 0 </script>, layer 1");
    }

    [Fact]
    public void Heatmap_ThreeAxes_DrawsSmallMultiplesOnOneScale()
    {
        var array = new LabelledArray([new Axis("layer", 2), new Axis("head", 3), new Axis("pos", 2)], [.. Enumerable.Range(-5, 12).Select(i => (double)i)], "effect");
        var figure = array.Heatmap(x: "pos", y: "layer");
        Cells(figure).Length.ShouldBe(12);
        var texts = XDocument.Parse(figure.Svg).Descendants(Ns + "text").Select(t => t.Value).ToArray();
        texts.ShouldContain("head 0");
        texts.ShouldContain("head 2");
        Cells(figure).Count(c => (string)c.Attribute("class")! == "cell d64").ShouldBe(1);
    }

    [Fact]
    public void Heatmap_WrongAxes_SaysWhich()
    {
        Should.Throw<ArgumentException>(() => Sample().Heatmap(x: "head")).Message.ShouldContain("No axis 'head'");
        Should.Throw<ArgumentException>(() => Sample().Heatmap(x: "pos", y: "pos")).Message.ShouldContain("both across and down");
        var four = new LabelledArray([new("a", 1), new("b", 1), new("c", 1), new("d", 1)], [1], "x");
        Should.Throw<ArgumentException>(() => four.Heatmap()).Message.ShouldContain("one to three axes");
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    [InlineData(1, 1)]
    public void Heatmap_EmptyOrSingle_StillDraws(int rows, int columns)
    {
        var figure = new LabelledArray([new("layer", rows), new("pos", columns)], new double[rows * columns], "x").Heatmap();
        Cells(figure).Length.ShouldBe(rows * columns);
        figure.Html.Length.ShouldBeLessThan(25_000);
    }

    [Fact]
    public void Heatmap_SmallNumbers_ShowTheirDigits()
    {
        var figure = new LabelledArray([new Axis("head", 3)], [0.0166, 0.0042, 0], "score").Heatmap();
        XDocument.Parse(figure.Svg).Descendants(Ns + "text").Select(t => t.Value).Where(t => t.StartsWith("0.0") && t.Length == 5).ShouldBe(["0.017", "0.004", "0.000"]);
    }

    [Fact]
    public void Heatmap_OneAxis_DrawsOneRow() =>
        Cells(Sample()["layer", 0].Heatmap()).Select(c => (string?)c.Attribute("y")).Distinct().Count().ShouldBe(1);
}
