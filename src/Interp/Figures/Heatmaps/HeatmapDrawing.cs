using System.Text;

namespace Interp;

/// <summary>Lays out and draws a heat map of an array with axes [facet, y, x].</summary>
internal sealed class HeatmapDrawing
{
    private const int MostCells = 2500;
    private const double PageWidth = 1040;
    private const double Margin = 16;
    private const double BarWidth = 12;
    private readonly LabelledArray array;
    private readonly (Axis Facet, Axis Y, Axis X) axes;
    private readonly string title;
    private readonly double limit;
    private readonly int decimals;
    private readonly (double Width, double Height) cell;
    private readonly bool numbers;
    private readonly SvgBuilder svg = new();

    public HeatmapDrawing(LabelledArray array, string title, double? limit, bool? values)
    {
        this.array = array;
        this.title = title;
        axes = (array.Axes[0], array.Axes[1], array.Axes[2]);
        decimals = NumberText.Decimals(array.Values);
        this.limit = ColourLimit.Of(array.Values, limit);
        cell = CellSize(axes, IsLarge ? 1 : 3);
        numbers = values ?? (Facets == 1 && !IsLarge && NumberWidth() <= cell.Width - 4 && cell.Height >= 18);
    }

    private static Palette Colours => Palette.Diverging;

    private bool IsLarge => array.Count > MostCells;

    private int Facets => axes.Facet.Length;

    public FigureContent Draw()
    {
        var across = AxisLabels.Across(axes.X, cell.Width);
        var down = AxisLabels.Down(axes.Y, cell.Height);
        var (panelWidth, panelHeight) = (axes.X.Length * cell.Width, axes.Y.Length * cell.Height);
        var hasFacets = !IsUnnamed(axes.Facet);
        var left = Math.Ceiling(Margin + (IsUnnamed(axes.Y) ? 0 : down.Width + 30));
        var top = Header(out var headerWidth) + (hasFacets ? 18 : 0);
        var (gapX, gapY) = (16.0, hasFacets ? 28.0 : 0);
        var columns = Math.Clamp((int)((PageWidth - left + gapX) / (panelWidth + gapX)), 1, Math.Max(1, Facets));
        var lines = (Facets + columns - 1) / columns;
        columns = lines == 0 ? columns : (Facets + lines - 1) / lines; // 2 + 2 rather than 3 + 1

        for (var f = 0; f < Facets; f++)
        {
            var (x, y) = (left + f % columns * (panelWidth + gapX), top + f / columns * (panelHeight + gapY));
            if (hasFacets)
                svg.Text(x, y - 6, AxisLabels.Name(axes.Facet, f));
            Panel(f, x, y);
            if (f % columns == 0 && !IsUnnamed(axes.Y))
                down.DrawLeft(svg, x, y, cell.Height);
            if (across.Turned ? f / columns == lines - 1 : f + columns >= Facets) // turned labels would reach into the panels below
                across.DrawBelow(svg, x, y + panelHeight, cell.Width);
        }

        var (gridWidth, gridHeight) = (columns * (panelWidth + gapX) - gapX, lines * (panelHeight + gapY) - gapY);
        AxisNames(left, top, gridWidth, gridHeight, across.Depth);
        var bar = Math.Clamp(gridHeight, 72, 240);
        var right = ColourBar(left + gridWidth + 22, top, bar);
        var height = Math.Max(top + gridHeight + across.Depth + 20, top + bar + 12) + Margin - 6;
        var script = IsLarge ? HeatmapScript.For(array, IsUnnamed) : "";
        return new FigureContent(Colours.Css("fill"), svg.ToString(), (Math.Max(right, headerWidth) + Margin, height), title, script);
    }

    private static bool IsUnnamed(Axis axis) => axis.Name.StartsWith(' ');

    private static (double Width, double Height) CellSize((Axis Facet, Axis Y, Axis X) axes, double smallest)
    {
        var (width, height) = IsUnnamed(axes.Facet) ? (700.0, 420.0) : (260.0, 200.0);
        return (Math.Clamp(Math.Floor(width / Math.Max(1, axes.X.Length)), smallest, 52), Math.Clamp(Math.Floor(height / Math.Max(1, axes.Y.Length)), smallest, 30));
    }

    private double NumberWidth()
    {
        var widest = 0.0;
        foreach (var value in array.Values)
            widest = Math.Max(widest, TextMetrics.Width(NumberText.Fixed(value, CellDecimals), 10.5));
        return widest;
    }

    // Two decimals, and for small numbers two significant digits.
    private int CellDecimals => decimals == NumberText.Scientific ? decimals : Math.Max(Math.Min(decimals, 2), decimals - 2);

    private int TickDecimals => NumberText.Decimals([limit]) is var exact && exact > 1 ? exact - 1 : exact;

    private double Header(out double width)
    {
        svg.Text(Margin, 30, title, "ttl");
        width = Margin + TextMetrics.Width(title, TextMetrics.TitleSize);
        string[] facts = [title.Contains(array.Quantity, StringComparison.OrdinalIgnoreCase) ? "" : array.Quantity, array.Provenance.ToString()];
        var line = string.Join(" · ", facts.Where(f => f.Length > 0));
        if (line.Length == 0)
            return 46;
        svg.Text(Margin, 49, line, "mute sub");
        width = Math.Max(width, Margin + TextMetrics.Width(line));
        return 66;
    }

    private void Panel(int facet, double left, double top)
    {
        var (width, height) = (axes.X.Length * cell.Width, axes.Y.Length * cell.Height);
        if (IsLarge)
            Areas(facet, left, top);
        else
            Cells(facet, left, top);
        svg.Rect(left, top, width, height, "ln", extra: " pointer-events=\"none\"");
        if (IsLarge)
            svg.Rect(left, top, width, height, "map", extra: " fill-opacity=\"0\"");
    }

    private void Cells(int facet, double left, double top)
    {
        for (var r = 0; r < axes.Y.Length; r++)
            for (var c = 0; c < axes.X.Length; c++)
            {
                var value = array[facet, r, c];
                var (x, y) = (left + c * cell.Width, top + r * cell.Height);
                svg.Rect(x, y, cell.Width, cell.Height, "cell " + Class(value), Tip(facet, r, c, value));
                if (numbers)
                    svg.Text(x + cell.Width / 2, y + cell.Height / 2 + 3.7, NumberText.Typeset(value, CellDecimals), Ink(value), "middle", extra: " pointer-events=\"none\"");
            }
    }

    /// <summary>One shape per colour in place of one per cell.</summary>
    private void Areas(int facet, double left, double top)
    {
        var areas = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        for (var r = 0; r < axes.Y.Length; r++)
            for (int c = 0, run; c < axes.X.Length; c += run)
            {
                var level = Class(array[facet, r, c]);
                for (run = 1; c + run < axes.X.Length && Class(array[facet, r, c + run]) == level; run++)
                    continue;
                if (!areas.TryGetValue(level, out var area))
                    areas[level] = area = new StringBuilder();
                var width = SvgBuilder.N(run * cell.Width);
                area.Append($"M{SvgBuilder.N(left + c * cell.Width)} {SvgBuilder.N(top + r * cell.Height)}h{width}v{SvgBuilder.N(cell.Height)}h-{width}z");
            }

        foreach (var (level, area) in areas)
            svg.Path(area.ToString(), level);
    }

    private string Class(double value) => double.IsNaN(value) ? "na" : Colours.Class(Level(value));

    private int Level(double value) => Colours.Level((value / limit + 1) / 2);

    private string Ink(double value) => "num " + (double.IsNaN(value) ? "v" : Colours.Ink(Level(value)));

    private string Tip(int facet, int row, int column, double value)
    {
        IEnumerable<(Axis Axis, int Index)> places = [(axes.Facet, facet), (axes.Y, row), (axes.X, column)];
        var where = string.Join(", ", places.Where(p => !IsUnnamed(p.Axis)).Select(p => AxisLabels.Where(p.Axis, p.Index)));
        return $"{where}\n{array.Quantity} {(double.IsNaN(value) ? "missing" : NumberText.Short(value))}";
    }

    private void AxisNames(double left, double top, double width, double height, double depth)
    {
        svg.Text(left + width / 2, top + height + depth + 14, axes.X.Name, "mute", "middle");
        if (!IsUnnamed(axes.Y))
            svg.Text(Margin + 6, top + height / 2, axes.Y.Name, "mute", "middle", -90);
    }

    private double ColourBar(double x, double top, double height)
    {
        var step = height / Colours.Levels;
        for (var i = 0; i < Colours.Levels; i++)
            svg.Rect(x, top + height - (i + 1) * step, BarWidth, step, Colours.Class(i), extra: " shape-rendering=\"crispEdges\"");
        svg.Rect(x, top, BarWidth, height, "ln");
        var widest = 0.0;
        foreach (var (share, value) in new[] { (1.0, limit), (0.75, limit / 2), (0.5, 0), (0.25, -limit / 2), (0, -limit) })
        {
            var (y, text) = (top + (1 - share) * height, NumberText.Typeset(value, TickDecimals));
            svg.Line(x + BarWidth, y, x + BarWidth + 4, y, "ax").Text(x + BarWidth + 8, y + 4, text, "num");
            widest = Math.Max(widest, TextMetrics.Width(text, 10.5));
        }

        return x + BarWidth + 8 + widest;
    }
}
