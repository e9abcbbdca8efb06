namespace Interp;

/// <summary>Layered graphs: nodes in rows from the bottom up, edges coloured by sign and as wide as they are strong.</summary>
public static class LayeredGraphFigure
{
    private const double RowHeight = 64;
    private const double Gap = 18;
    private const double NodeHeight = 24;

    /// <summary>Draws a layered graph. Values show on hover.</summary>
    /// <param name="nodes">The nodes; those of one rank stand in the order given.</param>
    /// <param name="edges">The edges, each from a lower to a higher rank.</param>
    /// <param name="title">The title.</param>
    /// <param name="note">A line under the title.</param>
    /// <exception cref="ArgumentException">An edge names no node, or does not go upwards.</exception>
    public static Figure LayeredGraph(this IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphEdge> edges, string title, string note = "")
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(edges);
        if (edges.FirstOrDefault(e => e.From < 0 || e.To < 0 || e.From >= nodes.Count || e.To >= nodes.Count || nodes[e.From].Rank >= nodes[e.To].Rank) is { } wrong)
            throw new ArgumentException($"Edge '{wrong.Label}' goes from node {wrong.From} to {wrong.To} of {nodes.Count}: it must go to a higher rank.", nameof(edges));
        var rows = nodes.Select((node, index) => (node, index)).GroupBy(n => n.node.Rank).OrderByDescending(g => g.Key).Select(g => g.ToArray()).ToArray();
        var widths = nodes.Select(n => Math.Max(38, TextMetrics.Width(DisplayText.Visible(n.Label)) + 16)).ToArray();
        var widest = rows.Select(r => r.Sum(n => widths[n.index] + Gap)).DefaultIfEmpty(0).Max();
        double[] wanted = [420, widest * (nodes.Any(n => n.At is not null) ? 1.5 : 1) + 40, TextMetrics.Width(note) + 32, TextMetrics.Width(title, 15) + 32];
        var width = wanted.Max();
        var places = Places(rows, widths, width);
        var svg = new SvgBuilder().Text(16, 26, title, "ttl").Text(16, 44, note, "mute sub");
        var strongest = edges.Select(e => Math.Abs(e.Value)).DefaultIfEmpty(1).Max();
        foreach (var edge in edges.OrderBy(e => Math.Abs(e.Value)))
            DrawEdge(svg, places[edge.From], places[edge.To], edge, strongest == 0 ? 0 : Math.Abs(edge.Value) / strongest);
        for (var i = 0; i < nodes.Count; i++)
        {
            var (x, y) = places[i];
            svg.Rect(x - widths[i] / 2, y - NodeHeight / 2, widths[i], NodeHeight, "node", null, " rx=\"5\"");
            svg.Text(x, y + 4, nodes[i].Label, "sub", "middle");
        }
        return new Figure(title, new FigureContent(Css, svg.ToString(), (width, 70 + rows.Length * RowHeight), title));
    }

    private static string Css =>
        ".ifig .node{fill:#f3f4f6;stroke:#8d949e}.ifig .e{fill:none;stroke-linecap:round;opacity:.75}.ifig .e:hover{opacity:1;stroke:#16181c}"
        + ".ifig .pos{stroke:#2f78bd}.ifig .neg{stroke:#c8541a}" + FigureStyle.Dark
        + "{.ifig .node{fill:#24282e;stroke:#6b727c}.ifig .pos{stroke:#4d94d6}.ifig .neg{stroke:#dd7b45}.ifig .e:hover{stroke:#fff}}";

    private static (double X, double Y)[] Places((GraphNode node, int index)[][] rows, double[] widths, double width)
    {
        var places = new (double, double)[widths.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            var free = rows[row].Where(n => n.node.At is null).ToArray();
            var x = (width - free.Sum(n => widths[n.index] + Gap) + Gap) / 2;
            foreach (var (node, index) in rows[row])
            {
                var middle = node.At is { } at ? at * width : x + widths[index] / 2;
                places[index] = (middle, 84 + row * RowHeight);
                x += node.At is null ? widths[index] + Gap : 0;
            }
        }
        return places;
    }

    // A curve that leaves upwards and arrives from below, with a bow when it passes rows in between.
    private static void DrawEdge(SvgBuilder svg, (double X, double Y) from, (double X, double Y) to, GraphEdge edge, double share)
    {
        var (x1, y1, x2, y2) = (from.X, from.Y - NodeHeight / 2, to.X, to.Y + NodeHeight / 2);
        var bend = Math.Max(20, (y1 - y2) * 0.5);
        var bow = y1 - y2 > RowHeight && Math.Abs(x1 - x2) < 24 ? 46 : 0;
        string N(double v) => SvgBuilder.N(v);
        var path = $"M{N(x1)} {N(y1)}C{N(x1 + bow)} {N(y1 - bend)} {N(x2 + bow)} {N(y2 + bend)} {N(x2)} {N(y2)}\" stroke-width=\"{N(0.8 + 4.2 * share)}";
        svg.Path(path, edge.Value < 0 ? "e neg" : "e pos", $"{edge.Label}\n{NumberText.Short(edge.Value)}");
    }
}
