namespace Interp;

/// <summary>The labels along one axis of a drawing: shortened, thinned where they would touch, turned where they are long.</summary>
internal sealed class AxisLabels
{
    private const int MaxCharacters = 18;
    private const double LineHeight = 13;
    private const double TurnedPitch = 19;
    private readonly string[] shown;

    private AxisLabels(Axis axis, double cell, bool across)
    {
        shown = [.. axis.Labels.Select(l => TextMetrics.Cut(DisplayText.Visible(l), MaxCharacters))];
        Width = shown.Select(l => TextMetrics.Width(l)).DefaultIfEmpty(0).Max();
        var numbers = IsNumbers(axis);
        Turned = across && Width > cell - 4 && !numbers;
        Step = Math.Max(1, (int)Math.Ceiling((Turned ? TurnedPitch : across ? Width + 6 : LineHeight) / cell));
        if (numbers)
            Step = Round(Step);
    }

    /// <summary>The width of the longest label.</summary>
    public double Width { get; }

    /// <summary>Whether the labels stand at an angle.</summary>
    public bool Turned { get; }

    /// <summary>One label in so many is shown.</summary>
    public int Step { get; }

    /// <summary>The height that labels below a drawing take.</summary>
    public double Depth => Turned ? Width * 0.71 + 18 : 18;

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

    /// <summary>Where an index stands, in words: <c>layer 3</c>, <c>pos 4 ·John</c>; the index is left out where the label brings its own number.</summary>
    public static string Where(Axis axis, int index)
    {
        var label = DisplayText.Visible(axis.Labels[index]);
        var number = index.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var saysIt = label.StartsWith(number, StringComparison.Ordinal) && (label.Length == number.Length || !char.IsLetterOrDigit(label[number.Length]));
        return axis.IsNumbered || saysIt ? $"{axis.Name} {label}" : $"{axis.Name} {number} {label}";
    }

    /// <summary>What an index is called in a heading: <c>head 3</c>, or its label where that says more than a number.</summary>
    public static string Name(Axis axis, int index)
    {
        var label = DisplayText.Visible(axis.Labels[index]);
        return label.All(char.IsAsciiDigit) ? $"{axis.Name} {label}" : label;
    }

    // Numbers read best in steps of 1, 2, 5, 10, 20, ...
    private static int Round(int step)
    {
        for (var power = 1; ; power *= 10)
            foreach (var factor in (ReadOnlySpan<int>)[1, 2, 5])
                if (factor * power >= step)
                    return factor * power;
    }

    private static bool IsNumbers(Axis axis) => axis.Labels.All(l => l.Length > 0 && l.All(char.IsAsciiDigit));
}
