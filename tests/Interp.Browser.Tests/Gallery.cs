namespace Interp.Browser.Tests;

/// <summary>One of each kind of figure, over text that would run, break out or turn its surroundings around if it were let.</summary>
internal static class Gallery
{
    public const string Hostile = "</script><script>window.broken=1</script>";

    /// <summary>Markup, attributes, lines, characters that turn the direction of text, right-to-left words, emoji, East Asian text, the end of CDATA.</summary>
    public static readonly string[] Tokens =
    [
        "<s>", "Lily", " went", Hostile, "<img src=x onerror=window.broken=2>", "\n", "\" onmouseover=\"window.broken=3", "שלום", "עולם", "\u202Eabc", "😀", "日本語", "`${window.broken=4}`", "]]>",
    ];

    /// <summary>A dashboard over hostile tokens.</summary>
    public static FeatureDashboard Feature { get; } = new()
    {
        Feature = 3, Dictionary = Hostile, Rows = 1000, Active = 20, MaxActivation = 2, MeanActivation = 1.5, Histogram = new ActivationHistogram(0.25, [3, 4, 9, 2, 0, 1, 0, 1]),
        TopLogits = [new TokenWeight(Hostile, 1, 2), new TokenWeight(" went", 2, 1)], BottomLogits = [new TokenWeight("\" onmouseover=\"window.broken=3", 1, -2)],
        Similar = [new SimilarFeature(4, 0.5)],
        Groups = [new ExampleGroup("Strongest <b>texts", 1, 2, [new ActivationExample(0, 1, 1, ["Lily", Hostile, "<img src=x onerror=window.broken=2>", "\n", "שלום"], [0, 2, 1, 0, 0.5f])])],
    };

    /// <summary>Pages of several features.</summary>
    public static FeatureDashboards Features { get; } = new(Hostile, [Feature, Feature with { Feature = 20, Active = 900 }, Feature with { Feature = 100, Active = 2 }]);

    /// <summary>What is pointed at in each figure, and what the tooltip then says.</summary>
    public static IReadOnlyDictionary<string, (Figure Figure, string Target, string Tip)> Figures { get; } = Build();

    /// <summary>All of them, on one page.</summary>
    public static Figure Page { get; } = Figure.Page("Every kind of figure", Figures.Values.Select(f => f.Figure));

    /// <summary>Three heads; head h attends h tokens back.</summary>
    public static LabelledArray Attention()
    {
        var n = Tokens.Length;
        var values = new double[3 * n * n];
        for (var head = 0; head < 3; head++)
            for (var query = 0; query < n; query++)
                values[(head * n + query) * n + Math.Max(0, query - head)] = 1;
        return new LabelledArray([new Axis("head", 3), new Axis("query", Tokens), new Axis("key", Tokens)], values, "probability");
    }

    private static Dictionary<string, (Figure, string, string)> Build()
    {
        var random = new Random(4);
        LabelledArray Array(params Axis[] axes) =>
            new(axes, [.. Enumerable.Range(0, axes.Aggregate(1, (n, a) => n * a.Length)).Select(_ => random.NextDouble() * 2 - 1)], "effect <i>", new Provenance { Model = Hostile });
        var (layer, head, pos) = (new Axis("layer", 4), new Axis("head", 3), new Axis("pos", Tokens));
        var heat = Array(layer, pos);
        var last = Tokens.Length - 1;
        LensCell Cell(int i) => LensCell.From([(Tokens[i % Tokens.Length], 0.1 + i % 8 / 10.0), ("</td>", 0.05)]);
        var cells = Enumerable.Range(0, 4).Select(l => (IReadOnlyList<LensCell>)Enumerable.Range(0, Tokens.Length).Select(p => Cell(l + p)).ToArray()).ToArray();
        return new()
        {
            ["patching heat map"] = (heat.Heatmap(Hostile), ".cell >> nth=3", $"layer 0, pos 3 {Hostile}\neffect <i> {Value(heat[0, 3])}"),
            ["small multiples"] = (Array(head, layer, pos).Heatmap(), ".cell >> nth=0", "head 0, layer 0, pos 0 <s>"),
            ["large heat map"] = (Array(new Axis("layer", 41), new Axis("neuron", 251)).Heatmap(), "svg rect.map", "layer 20, neuron 125"),
            ["lens table"] = (new LensTable(layer, pos, cells, Hostile).Draw(), "td >> nth=0", "layer 0, pos 0 <s>\n0.1000  <s>\n0.0500  </td>"),
            ["attention pattern"] = (Attention().AttentionPattern(Hostile), ".map svg", "head 0\nquery"),
            ["coloured tokens"] = (heat.ColouredTokens(Hostile), ".ct span >> nth=7", "pos 7 שלום\neffect <i>"),
            ["lines with bands"] = (heat.LinePlot(Hostile, low: heat.Map(v => v - 0.1), high: heat.Map(v => v + 0.1)), "circle.hit >> nth=-1", $"layer 3\npos {last} ]]>\neffect <i> {Value(heat[3, last])}"),
            ["bars"] = (heat["layer", 1].BarChart(Hostile), "rect.bar >> nth=10", "pos 10 😀"),
            ["histogram"] = (heat.Histogram(Hostile), "rect.bar >> nth=0", "count"),
            ["scatter"] = (heat.Compare(heat * 0.8).Scatter(Hostile), "circle.pt >> nth=-1", $"layer 3, pos {last} ]]>"),
            ["circuit"] = (Graph().LayeredGraph([new GraphEdge(0, 1, 1.5, $"{Hostile} → m0"), new GraphEdge(0, 2, -0.5, "input → logits")], Hostile, "blue raises"), "path.e >> nth=1", $"{Hostile} → m0\n1.500"),
            ["feature dashboard"] = (Feature.Figure(), ".ex span >> nth=2", "<img src=x onerror=window.broken=2>\nactivation 1.000"),
        };
    }

    private static GraphNode[] Graph() => [new GraphNode(Hostile, 0), new GraphNode("m0", 1, 0.86), new GraphNode("logits", 2)];

    // The first digits that tooltips show.
    private static string Value(double value) => value.ToString("F6", System.Globalization.CultureInfo.InvariantCulture)[..(value < 0 ? 5 : 4)];
}
