namespace Interp.Browser.Tests;

/// <summary>One of each figure, over text that would run or break out if it were not escaped.</summary>
internal static class Gallery
{
    public const string Hostile = "</script><script>window.broken=1</script>";

    private static readonly string[] Tokens = ["<s>", "Lily", " went", Hostile, "<img src=x onerror=window.broken=2>", "\n", "\" onmouseover=\"window.broken=3", "]]>"];

    /// <summary>Each figure's name, the figure, what to point at, and what the tooltip then says.</summary>
    public static IReadOnlyDictionary<string, (Figure Figure, string Target, string Tip)> Figures { get; } = Build();

    public static LabelledArray Attention()
    {
        var values = new double[3 * 8 * 8];
        for (var head = 0; head < 3; head++)
            for (var query = 0; query < 8; query++)
                values[(head * 8 + query) * 8 + Math.Max(0, query - head)] = 1; // head h attends h tokens back
        return new LabelledArray([new Axis("head", 3), new Axis("query", Tokens), new Axis("key", Tokens)], values, "probability");
    }

    private static Dictionary<string, (Figure, string, string)> Build()
    {
        var random = new Random(4);
        LabelledArray Array(params Axis[] axes) =>
            new(axes, [.. Enumerable.Range(0, axes.Aggregate(1, (n, a) => n * a.Length)).Select(_ => random.NextDouble() * 2 - 1)], "effect <i>", new Provenance { Model = Hostile });
        var (layer, head, pos) = (new Axis("layer", 4), new Axis("head", 3), new Axis("pos", Tokens));
        var heat = Array(layer, pos);
        LensCell Cell(int i) => LensCell.From([(Tokens[i % 8], 0.1 + i % 8 / 10.0), ("</td>", 0.05)]);
        var cells = Enumerable.Range(0, 4).Select(l => (IReadOnlyList<LensCell>)Enumerable.Range(0, 8).Select(p => Cell(l + p)).ToArray()).ToArray();
        return new()
        {
            ["heat map"] = (heat.Heatmap(Hostile), ".cell >> nth=3", $"layer 0, pos 3 {Hostile}"),
            ["small multiples"] = (Array(head, layer, pos).Heatmap(), ".cell >> nth=0", "head 0, layer 0, pos 0 <s>"),
            ["large heat map"] = (Array(new Axis("layer", 41), new Axis("neuron", 251)).Heatmap(), "svg rect.map", "layer 20, neuron 125"),
            ["lens table"] = (new LensTable(layer, pos, cells, Hostile).Draw(), "td >> nth=0", "layer 0, pos 0 <s>\n0.1000  <s>\n0.0500  </td>"),
            ["attention"] = (Attention().AttentionPattern(Hostile), ".map svg", "head 0\nquery"),
            ["tokens"] = (heat.ColouredTokens(Hostile), ".ct span >> nth=3", $"pos 3 {Hostile}"),
            ["lines"] = (heat.LinePlot(Hostile, low: heat.Map(v => v - 0.1), high: heat.Map(v => v + 0.1)), "circle.hit >> nth=31", "layer 3\npos 7 ]]>"),
            ["bars"] = (heat["layer", 1].BarChart(Hostile), "rect.bar >> nth=3", $"pos 3 {Hostile}"),
            ["histogram"] = (heat.Histogram(Hostile), "rect.bar >> nth=0", "count"),
            ["scatter"] = (heat.Scatter(heat * 0.8, Hostile), "circle.pt >> nth=0", "layer 0, pos 0 <s>"),
        };
    }
}
