namespace Interp.Tests.Unit.Figures;

using System.Globalization;
using System.Text;
using Shouldly;
using Xunit;

/// <summary>Figures stay small: pages are kept, mailed and put into notebooks by the dozen.</summary>
[Trait("Tier", "unit")]
public sealed class FigureSizeTests
{
    private const int Empty = 25 * 1024;
    private const int TwelveHeads = 120 * 1024;

    [Fact]
    public void Html_NothingToDraw_FitsTheBudget()
    {
        var none = new LabelledArray([new Axis("pos", 0)], [], "effect");
        var grid = new LabelledArray([new Axis("layer", 0), new Axis("pos", 0)], [], "effect");
        Dictionary<string, Figure> figures = new()
        {
            ["heat map"] = grid.Heatmap(), ["attention"] = Pattern(0, 0).AttentionPattern(), ["tokens"] = none.ColouredTokens(),
            ["lens table"] = new LensTable(new Axis("layer", 0), new Axis("pos", 0), []).Draw(), ["lines"] = Array.Empty<Series>().LinePlot("Lines", "x", "y"),
            ["bars"] = none.BarChart(), ["histogram"] = none.Histogram(), ["scatter"] = none.Scatter(none), ["circuit"] = Array.Empty<GraphNode>().LayeredGraph([], "Circuit"),
            ["dashboard"] = new FeatureDashboard
            {
                Feature = 0, Dictionary = "none", Rows = 0, Active = 0, MaxActivation = 0, MeanActivation = 0, Histogram = new ActivationHistogram(1, []),
                TopLogits = [], BottomLogits = [], Groups = [], Similar = [],
            }.Figure(),
            ["dashboard index"] = new FeatureDashboards("none", []).Index(), ["page"] = Figure.Page("Page"),
        };
        var (name, bytes) = figures.Select(f => (f.Key, Bytes(f.Value))).MaxBy(f => f.Item2);
        Evidence.Record("figures-size", bytes <= Empty, string.Create(CultureInfo.InvariantCulture, $"empty: {bytes / 1024.0:f1} KB at most over {figures.Count} kinds ({name})"));
        foreach (var (kind, figure) in figures)
            Bytes(figure).ShouldBeLessThanOrEqualTo(Empty, kind);
    }

    [Fact]
    public void Html_TwelveHeadsOf64_FitsTheBudget()
    {
        var bytes = Bytes(Pattern(12, 64).AttentionPattern());
        Evidence.Record("figures-size", bytes <= TwelveHeads, string.Create(CultureInfo.InvariantCulture, $"12 heads of 64 x 64: {bytes / 1024.0:f1} KB"));
        bytes.ShouldBeLessThanOrEqualTo(TwelveHeads);
    }

    [Fact]
    public void Html_TwelveHeadsOf64AsHeatMaps_GrowsWithTheValuesOnly() => // 49,152 values of 4 bytes, in base64, and their shapes
        Bytes(Pattern(12, 64).Heatmap()).ShouldBeLessThanOrEqualTo(1400 * 1024);

    private static int Bytes(Figure figure) => Encoding.UTF8.GetByteCount(figure.Html);

    /// <summary>Causal patterns without structure, over tokens of some length: nothing in them helps.</summary>
    private static LabelledArray Pattern(int heads, int tokens)
    {
        var random = new Random(0);
        var values = new double[heads * tokens * tokens];
        for (var row = 0; row < heads * tokens; row++)
        {
            var weights = Enumerable.Range(0, row % tokens + 1).Select(_ => random.NextDouble()).ToArray();
            for (var key = 0; key < weights.Length; key++)
                values[row * tokens + key] = weights[key] / weights.Sum();
        }

        var labels = Enumerable.Range(0, tokens).Select(i => i % 5 == 0 ? "</script>" : $" token {i}").ToArray();
        return new LabelledArray([new Axis("head", heads), new Axis("query", labels), new Axis("key", labels)], values, "probability");
    }
}
