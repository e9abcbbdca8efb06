namespace Interp;

/// <summary>The frame of a chart: title, two scales with ticks and names, and room for a legend.</summary>
internal sealed class ChartFrame
{
    private const double Margin = 16;
    private readonly string title;
    private double right;
    private double bottom;

    /// <param name="title">The title.</param>
    /// <param name="note">A line below it; may be empty.</param>
    /// <param name="left">The room for labels on the left.</param>
    /// <param name="width">The width of the plot.</param>
    /// <param name="height">The height of the plot.</param>
    public ChartFrame(string title, string note, double left, double width = 620, double height = 320)
    {
        this.title = title;
        (Left, Width, Height) = (Math.Ceiling(Margin + left), width, height);
        Svg.Text(Margin, 30, title, "ttl");
        right = Margin + TextMetrics.Width(title, TextMetrics.TitleSize);
        Top = 46;
        if (note.Length > 0)
        {
            Svg.Text(Margin, 49, note, "mute sub");
            right = Math.Max(right, Margin + TextMetrics.Width(note));
            Top = 66;
        }

        (right, bottom) = (Math.Max(right, Left + width), Top + height);
    }

    public SvgBuilder Svg { get; } = new();

    public double Left { get; }

    public double Top { get; }

    public double Width { get; }

    public double Height { get; }

    /// <summary>The horizontal scale; where it is not rounded and all values are whole numbers, such as layers and steps, its ticks are too.</summary>
    public Scale X(IReadOnlyCollection<double> values, bool round = true, bool powers = false) => powers
        ? Scale.OverPowers(values, Left, Left + Width)
        : Scale.Over(values, Left, Left + Width, 8, round: round, whole: !round && values.All(v => v == Math.Floor(v)));

    public Scale Y(IEnumerable<double> values, bool withZero = false, bool whole = false) => Scale.Over(values, Top + Height, Top, 6, withZero, whole: whole);

    /// <summary>Lines and numbers of the vertical scale, with its name turned on the left.</summary>
    public void DrawY(Scale scale, string name)
    {
        foreach (var tick in scale.Ticks)
        {
            var y = scale.At(tick);
            Svg.Line(Left, y, Left + Width, y, tick == 0 ? "ax" : "gr").Text(Left - 7, y + 4, scale.Text(tick), "num", "end");
        }

        Svg.Text(Margin + 6, Top + Height / 2, name, "mute", "middle", -90);
    }

    /// <summary>Lines and numbers of the horizontal scale, with its name below.</summary>
    public void DrawX(Scale scale, string name, bool grid = true)
    {
        foreach (var tick in scale.Ticks)
        {
            var x = scale.At(tick);
            if (grid)
                Svg.Line(x, Top, x, Top + Height, tick == 0 ? "ax" : "gr");
            Svg.Text(x, Top + Height + 16, scale.Text(tick), "num", "middle");
        }

        Name(name, 20);
    }

    /// <summary>Labels in place of numbers below the plot.</summary>
    public void DrawX(Axis axis, double cell)
    {
        var labels = AxisLabels.Across(axis, cell);
        labels.DrawBelow(Svg, Left, Top + Height, cell);
        Name(axis.Name, labels.Depth);
    }

    public void Legend(IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            var (x, y) = (Left + Width + 20, Top + 8 + i * 19);
            var name = TextMetrics.Cut(DisplayText.Visible(names[i]), 28);
            Svg.Line(x, y, x + 20, y, $"line {ChartStyle.Class(i)}").Text(x + 27, y + 4, name);
            (right, bottom) = (Math.Max(right, x + 27 + TextMetrics.Width(name)), Math.Max(bottom, y + 10));
        }
    }

    public Figure ToFigure() => new(title, new FigureContent(ChartStyle.Css, Svg.ToString(), (right + Margin, bottom + Margin), title));

    /// <summary>The room that numbers of a scale and its name take on the left.</summary>
    public static double RoomFor(Scale scale) => 32 + scale.Ticks.Select(t => TextMetrics.Width(scale.Text(t), 10.5)).DefaultIfEmpty(0).Max();

    private void Name(string name, double depth)
    {
        Svg.Text(Left + Width / 2, Top + Height + depth + 15, name, "mute", "middle");
        bottom = Math.Max(bottom, Top + Height + depth + 18);
    }
}
