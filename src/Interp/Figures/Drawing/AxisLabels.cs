namespace Interp;

/// <summary>The labels along one axis of a drawing: shortened, thinned where they would touch, turned where they are long.</summary>
internal sealed class AxisLabels
{
    private const int MaxCharacters = 18;
    private const double LineHeight = 13;
    private readonly string[] shown;

    private AxisLabels(Axis axis, double cell, bool across)
    {
        shown = [.. axis.Labels.Select(l => TextMetrics.Cut(DisplayText.Visible(l), MaxCharacters))];
        Width = shown.Select(l => TextMetrics.Width(l)).DefaultIfEmpty(0).Max();
        Turned = across && Width > cell - 4 && (!IsNumbers(axis) || cell < 10);
        Step = Math.Max(1, (int)Math.Ceiling((across && !Turned ? Width + 6 : LineHeight) / cell));
    }

    /// <summary>The width of the longest label.</summary>
    public double Width { get; }

    /// <summary>Whether the labels stand at an angle.</summary>
    public bool Turned { get; }

    /// <summary>One label in so many is shown.</summary>
    public int Step { get; }

    /// <summary>The height that labels below a drawing take.</summary>
    public double Depth => Turned ? Width * 0.71 + 14 : 18;

    public static AxisLabels Across(Axis axis, double cell) => new(axis, cell, across: true);

    public static AxisLabels Down(Axis axis, double cell) => new(axis, cell, across: false);

    /// <summary>Draws the labels below a row of cells.</summary>
    public void DrawBelow(SvgBuilder svg, double x, double y, double cell)
    {
        for (var i = 0; i < shown.Length; i += Step)
        {
            var centre = x + (i + 0.5) * cell;
            if (Turned)
                svg.Text(centre + 4, y + 13, shown[i], "", "end", -45);
            else
                svg.Text(centre, y + 15, shown[i], "", "middle");
        }
    }

    /// <summary>Draws the labels to the left of a column of cells.</summary>
    public void DrawLeft(SvgBuilder svg, double x, double y, double cell)
    {
        for (var i = 0; i < shown.Length; i += Step)
            svg.Text(x - 6, y + (i + 0.5) * cell + 4, shown[i], "", "end");
    }

    /// <summary>Where an index stands, in words: <c>layer 3</c>, <c>pos 4 ·John</c>.</summary>
    public static string Where(Axis axis, int index)
    {
        var label = DisplayText.Visible(axis.Labels[index]);
        var number = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return label == number ? $"{axis.Name} {number}" : $"{axis.Name} {number} {label}";
    }

    private static bool IsNumbers(Axis axis) => axis.Labels.All(l => l.Length > 0 && l.All(char.IsAsciiDigit));
}
