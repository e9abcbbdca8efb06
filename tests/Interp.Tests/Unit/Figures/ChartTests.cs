namespace Interp.Tests.Unit.Figures;

using System.Globalization;
using System.Xml.Linq;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class ChartTests
{
    private static readonly XNamespace Ns = "http://www.w3.org/2000/svg";

    private static XElement[] Elements(Figure figure, string name, string @class) =>
        [.. XDocument.Parse(figure.Svg).Descendants(Ns + name).Where(e => ((string?)e.Attribute("class"))?.Split(' ').Contains(@class) == true)];

    private static string[] Texts(Figure figure, string anchor) =>
        [.. XDocument.Parse(figure.Svg).Descendants(Ns + "text").Where(t => (string?)t.Attribute("text-anchor") == anchor).Select(t => t.Value)];

    private static double Number(XElement element, string attribute) => double.Parse((string)element.Attribute(attribute)!, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(-3, 17, 6, "−5 0 5 10 15 20")]
    [InlineData(0.0012, 0.0019, 4, "0.0012 0.0014 0.0016 0.0018 0.0020")]
    [InlineData(2, 2, 4, "1.0 1.5 2.0 2.5 3.0")]
    [InlineData(0, 4e6, 4, "0.00e+0 1.00e+6 2.00e+6 3.00e+6 4.00e+6")]
    public void Scale_Ticks_AreRound(double min, double max, int count, string ticks)
    {
        var scale = Scale.Over([min, max, double.NaN], 0, 100, count);
        string.Join(' ', scale.Ticks.Select(scale.Text)).ShouldBe(ticks.Replace("0.00e+0", "0.00e+0"));
        scale.At(scale.Min).ShouldBe(0, 1e-9);
        scale.At(scale.Max).ShouldBe(100, 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(24)]
    public void LinePlot_Layers_HaveWholeNumbersBelow(int layers)
    {
        var array = new LabelledArray([new Axis("layer", layers)], [.. Enumerable.Range(0, layers).Select(i => i * 0.1)], "AUROC");
        var below = Texts(array.LinePlot(), "middle").Where(t => t != "layer" && t != "AUROC").ToArray();
        below.ShouldNotBeEmpty();
        below.ShouldAllBe(t => t.All(char.IsAsciiDigit));
        below.ShouldBeUnique();
    }

    [Fact]
    public void Histogram_FewValues_CountsWhole() =>
        Texts(new LabelledArray([new Axis("i", 2)], [0.1, 0.2], "p").Histogram(bins: 2), "end").ShouldBe(["0", "1"]);

    [Fact]
    public void Histogram_WholeEnds_HasTicksBetweenThem() =>
        Texts(new LabelledArray([new Axis("i", 3)], [0, 0.7, 2], "p").Histogram(bins: 4), "middle").ShouldContain("0.5");

    [Fact]
    public void LinePlot_Powers_StandAtEqualDistances()
    {
        var figure = new[] { new Series("a", [0, 0.1, 1, 10, 100], [9, 1, 2, 3, 4]) }.LinePlot("t", "% of edges", "f", powers: true);
        var x = Elements(figure, "circle", "hit").Select(c => Number(c, "cx")).ToArray();
        x.Length.ShouldBe(4); // zero has no place
        (x[1] - x[0]).ShouldBe(x[3] - x[2], 0.02);
        Texts(figure, "middle").ShouldContain("0.1");
        Texts(figure, "middle").ShouldContain("50");
    }

    [Fact]
    public void LinePlot_TwoAxes_HasOneLineAndLegendEntryEach()
    {
        var array = new LabelledArray([new Axis("split", ["train", "held out"]), new Axis("layer", 4)], [1, 2, 3, 4, 4, 3, 2, 1], "accuracy");
        var figure = array.LinePlot();
        Elements(figure, "path", "line").Length.ShouldBe(4); // two lines, two samples in the legend
        XDocument.Parse(figure.Svg).Descendants(Ns + "text").Select(t => t.Value).ShouldContain("held out");
        Elements(figure, "circle", "hit")[5].Element(Ns + "title")!.Value.ShouldBe("held out\nlayer 1\naccuracy 3.000");
    }

    [Fact]
    public void LinePlot_NaN_LeavesAGap()
    {
        var figure = new LabelledArray([new Axis("step", 5)], [1, 2, double.NaN, 3, 4], "loss").LinePlot();
        ((string)Elements(figure, "path", "line")[0].Attribute("d")!).Count(c => c == 'M').ShouldBe(2);
    }

    [Fact]
    public void LinePlot_Band_ClosesAroundTheLine()
    {
        var mean = new LabelledArray([new Axis("step", 3)], [1, 2, 3], "loss");
        var band = Elements(mean.LinePlot(low: mean.Map(v => v - 1), high: mean.Map(v => v + 1)), "path", "band").ShouldHaveSingleItem();
        var path = (string)band.Attribute("d")!;
        path.Count(c => c == 'L').ShouldBe(5);
        path.ShouldEndWith("Z");
        Should.Throw<ArgumentException>(() => mean.LinePlot(low: mean["step", 1..], high: mean)).Message.ShouldContain("label by label");
        Should.Throw<ArgumentException>(() => mean.LinePlot(low: mean)).Message.ShouldContain("give Low and High, or neither");
    }

    [Fact]
    public void LinePlot_NumericLabels_SetTheDistances()
    {
        var figure = new LabelledArray([new Axis("width", ["1", "2", "9"])], [0, 0, 1], "loss").LinePlot();
        var x = Elements(figure, "circle", "hit").Select(c => Number(c, "cx")).ToArray();
        ((x[2] - x[0]) / (x[1] - x[0])).ShouldBe(8, 0.01);
    }

    [Fact]
    public void LinePlot_SeriesOfUnequalLength_Throws() =>
        Should.Throw<ArgumentException>(() => new[] { new Series("a", [1, 2], [1]) }.LinePlot("t", "x", "y")).Message.ShouldBe("Series 'a' has 2 x against 1 y.");

    [Fact]
    public void BarChart_Signs_GoToTheirSides()
    {
        var bars = Elements(new LabelledArray([new Axis("pos", ["a", "b", "c"])], [2, -1, double.NaN], "effect").BarChart(), "rect", "bar");
        bars.Length.ShouldBe(2);
        (Number(bars[0], "width") / Number(bars[1], "width")).ShouldBe(2, 0.01);
        Number(bars[1], "x").ShouldBeLessThan(Number(bars[0], "x"));
        (Number(bars[1], "x") + Number(bars[1], "width")).ShouldBe(Number(bars[0], "x"), 0.02);
    }

    [Fact]
    public void BarChart_TopEntries_AreLabelled()
    {
        var array = new LabelledArray([new Axis("layer", 2), new Axis("pos", ["<s>", " a"])], [1, 2, 3, 4], "effect");
        XDocument.Parse(array.Top(2).BarChart("Top", "effect").Svg).Descendants(Ns + "text").Select(t => t.Value).ShouldContain("1, ·a");
        Should.Throw<ArgumentException>(() => array.BarChart()).Message.ShouldContain("Top(k)");
    }

    [Fact]
    public void Histogram_Counts_SumToTheFiniteValues()
    {
        var random = new Random(2);
        double[] values = [double.NaN, .. Enumerable.Range(0, 500).Select(_ => random.NextDouble())];
        var figure = new LabelledArray([new Axis("i", values.Length)], values, "p").Histogram();
        Elements(figure, "rect", "bar").Sum(b => int.Parse(b.Element(Ns + "title")!.Value.Split("count ")[1], CultureInfo.InvariantCulture)).ShouldBe(500);
        figure.Svg.ShouldContain("500 values · 1 not finite, left out");
        Elements(new LabelledArray([new Axis("i", 4)], [0, 1, 2, 3], "p").Histogram(bins: 2), "rect", "bar").Select(b => b.Element(Ns + "title")!.Value)
            .ShouldBe(["0.0 to 1.500\ncount 2", "1.500 to 3.000\ncount 2"]);
        Should.Throw<ArgumentOutOfRangeException>(() => new LabelledArray([], [1], "p").Histogram(bins: 0));
    }

    [Fact]
    public void Scatter_EqualArrays_LiesOnTheDiagonal()
    {
        var array = new LabelledArray([new Axis("layer", 2), new Axis("head", 2)], [-1, 0, 1, 3], "effect");
        var figure = array.Scatter(array);
        var path = ((string)Elements(figure, "path", "diag")[0].Attribute("d")!)[1..].Split('L', ' ').Select(p => double.Parse(p, CultureInfo.InvariantCulture)).ToArray();
        foreach (var point in Elements(figure, "circle", "pt"))
        {
            var share = (Number(point, "cx") - path[0]) / (path[2] - path[0]);
            Number(point, "cy").ShouldBe(path[1] + share * (path[3] - path[1]), 0.02);
        }

        figure.Svg.ShouldContain("4 entries · Pearson 1.000 · Spearman 1.000");
        Should.Throw<ArgumentException>(() => array.Scatter(array["head", 0]));
    }

    [Fact]
    public void Scatter_Comparison_DrawsWhatWasCompared()
    {
        var truth = new LabelledArray([new Axis("head", 4)], [-1, 0, 1, 3], "effect");
        var estimate = truth.Map(v => 2 * v).With("estimated effect");
        var comparison = truth.Compare(estimate);
        var figure = comparison.Scatter();
        Elements(figure, "circle", "pt").Select(p => p.Element(Ns + "title")!.Value).ShouldContain("head 3\neffect, truth 3.000\nestimated effect, estimate 6.000");
        figure.Svg.ShouldContain($"Pearson 1.000 {comparison.PearsonInterval}");
        comparison.ShouldBe(truth.Compare(truth.Map(v => 2 * v)) with { MaxDifference = comparison.MaxDifference });
        var byHand = new Comparison { Count = 1, Pearson = 1, Spearman = 1, TopK = 1, TopKOverlap = 1, MaxDifference = 0 };
        Should.Throw<ArgumentException>(() => byHand.Scatter()).Message.ShouldContain("draw truth.Scatter(estimate)");
    }

    [Fact]
    public void Histogram_Mark_LiesOnTheScale()
    {
        var array = new LabelledArray([new Axis("draw", 20)], [.. Enumerable.Range(0, 20).Select(i => i * 0.1)], "effect");
        var figure = HistogramFigure.Marked(array, null, null, (7.5, "effect"));
        var x = double.Parse(((string)Elements(figure, "path", "line").ShouldHaveSingleItem().Attribute("d")!)[1..].Split(' ')[0], CultureInfo.InvariantCulture);
        x.ShouldBeGreaterThan(Elements(figure, "rect", "bar").Max(b => Number(b, "x") + Number(b, "width")));
        Texts(figure, "end").ShouldContain("effect 7.500"); // no room to its right
    }
}
