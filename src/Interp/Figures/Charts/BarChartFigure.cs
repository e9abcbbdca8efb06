namespace Interp;

/// <summary>Bar charts of labelled arrays and of top lists.</summary>
public static class BarChartFigure
{
    private const double Bar = 20;

    /// <summary>Draws one bar a value, from zero to the right or left, with its label and number.</summary>
    /// <param name="array">One axis.</param>
    /// <param name="title">The title; null takes the array's quantity.</param>
    /// <exception cref="ArgumentException">The array has not one axis.</exception>
    public static Figure BarChart(this LabelledArray array, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Rank != 1)
            throw new ArgumentException($"A bar chart draws one axis; this array has {LabelledArray.Describe(array.Axes)}: slice it, or draw its Top(k).", nameof(array));
        var bars = Enumerable.Range(0, array.Count).Select(i => (DisplayText.Visible(array.Axes[0].Labels[i]), AxisLabels.Where(array.Axes[0], i), array.Values[i]));
        return Draw([.. bars], FigureTitle.Of(title, array), array.Provenance.ToString(), array.Quantity);
    }

    /// <summary>Draws the entries of a top list as bars.</summary>
    /// <param name="entries">The entries, say of <see cref="LabelledArray.Top"/>.</param>
    /// <param name="title">The title.</param>
    /// <param name="quantity">What the numbers are.</param>
    public static Figure BarChart(this IEnumerable<LabelledValue> entries, string title, string quantity)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return Draw([.. entries.Select(e => (Label(e), Label(e), e.Value))], title, "", quantity);
    }

    private static string Label(LabelledValue entry) => string.Join(", ", entry.Labels.Select(DisplayText.Visible));

    private static Figure Draw((string Label, string Where, double Value)[] bars, string title, string note, string quantity)
    {
        var labels = Array.ConvertAll(bars, b => TextMetrics.Cut(b.Label, 28));
        var room = labels.Select(l => TextMetrics.Width(l)).DefaultIfEmpty(0).Max() + 10;
        var frame = new ChartFrame(title, note, room, width: 520, height: Math.Max(1, bars.Length) * Bar);
        var decimals = NumberText.Decimals(Array.ConvertAll(bars, b => b.Value));
        var x = Scale.Over(bars.Select(b => b.Value), frame.Left + 50, frame.Left + frame.Width - 50, 6, withZero: true);
        frame.DrawX(x, quantity);
        for (var i = 0; i < bars.Length; i++)
        {
            var (y, value) = (frame.Top + i * Bar, bars[i].Value);
            frame.Svg.Text(frame.Left - 8, y + Bar / 2 + 4, labels[i], "", "end");
            if (!double.IsFinite(value))
                continue;
            var (start, end) = (x.At(Math.Min(0, value)), x.At(Math.Max(0, value)));
            frame.Svg.Rect(start, y + 3, end - start, Bar - 6, value < 0 ? "bar k1" : "bar k0", $"{bars[i].Where}\n{quantity} {NumberText.Short(value)}");
            frame.Svg.Text(value < 0 ? start - 5 : end + 5, y + Bar / 2 + 4, NumberText.Typeset(value, decimals), "num", value < 0 ? "end" : "start");
        }

        return frame.ToFigure();
    }
}
