using System.Globalization;
using System.Text;

namespace Interp;

/// <summary>Line plots of labelled arrays and of series.</summary>
public static class LinePlotFigure
{
    private const int TipPoints = 2000;
    private const int DotPoints = 40;

    /// <summary>Draws lines, with a band around each that has one.</summary>
    /// <param name="series">The lines.</param>
    /// <param name="title">The title.</param>
    /// <param name="x">What runs across.</param>
    /// <param name="y">What runs up.</param>
    /// <param name="powers">Whether x runs in powers of ten, as shares of a whole do; points at or below zero are then left out.</param>
    /// <exception cref="ArgumentException">A series' parts differ in length.</exception>
    public static Figure LinePlot(this IEnumerable<Series> series, string title, string x, string y, bool powers = false)
    {
        Series[] lines = [.. series];
        return Draw(powers ? Array.ConvertAll(lines, line => line with { X = [.. line.X.Select(v => v > 0 ? v : double.NaN)] }) : lines, title, "", x, y, null, powers);
    }

    /// <summary>Draws an array as lines along one axis, one line per index of the other.</summary>
    /// <param name="array">One or two axes.</param>
    /// <param name="title">The title; null takes the array's quantity.</param>
    /// <param name="x">The axis that runs across; null takes the last. Labels that are numbers set the distances.</param>
    /// <param name="low">The lower end of a band, with the same axes; null for none.</param>
    /// <param name="high">The upper end of a band, with the same axes; null for none.</param>
    /// <exception cref="ArgumentException">The array has other axes, an axis is unknown, or the band's axes differ.</exception>
    public static Figure LinePlot(
        this LabelledArray array, string? title = null, string? x = null, LabelledArray? low = null, LabelledArray? high = null)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Rank is not (1 or 2))
            throw new ArgumentException($"A line plot draws one or two axes; this array has {LabelledArray.Describe(array.Axes)}: slice it, or take a mean along an axis.", nameof(array));
        foreach (var end in new[] { low, high })
            if (end is not null && !end.Axes.SequenceEqual(array.Axes))
                throw new ArgumentException($"The band has axes {LabelledArray.Describe(end.Axes)}, the line {LabelledArray.Describe(array.Axes)}: they must be equal, label by label.");

        var across = array.AxisOf(x ?? array.Axes[^1].Name);
        var other = array.Axes.FirstOrDefault(a => a != across);
        var places = Places(across);
        double[] Line(LabelledArray from, int i) => (other is null ? from : from.Slice(other.Name, i)).Values.ToArray();
        var series = Enumerable.Range(0, other?.Length ?? 1).Select(i => new Series(other is null ? "" : AxisLabels.Name(other, i), places ?? Count(across), Line(array, i))
        {
            Low = low is null ? null : Line(low, i),
            High = high is null ? null : Line(high, i),
        });
        return Draw([.. series], FigureTitle.Of(title, array), array.Provenance.ToString(), across.Name, array.Quantity, places is null ? across : null);
    }

    private static Figure Draw(Series[] series, string title, string note, string xName, string yName, Axis? labels, bool powers = false)
    {
        foreach (var line in series)
            line.Check();
        var heights = series.SelectMany(s => s.Y.Concat(s.Low ?? []).Concat(s.High ?? []));
        var frame = new ChartFrame(title, note, ChartFrame.RoomFor(Scale.Over(heights, 0, 1)));
        var y = frame.Y(heights);
        var x = labels is null ? frame.X([.. series.SelectMany(s => s.X).Where(double.IsFinite)], round: false, powers) : Scale.Over([-0.5, labels.Length - 0.5], frame.Left, frame.Left + frame.Width, round: false);
        frame.DrawY(y, yName);
        if (labels is null)
            frame.DrawX(x, xName);
        else
            frame.DrawX(labels, frame.Width / Math.Max(1, labels.Length));

        for (var i = 0; i < series.Length; i++)
            if (series[i].Low is not null)
                frame.Svg.Path(Band(series[i], x, y), $"band {ChartStyle.Class(i)}");
        for (var i = 0; i < series.Length; i++)
            frame.Svg.Path(Line(series[i], x, y), $"line {ChartStyle.Class(i)}");
        if (series.Sum(s => s.X.Count) <= TipPoints)
            for (var i = 0; i < series.Length; i++)
                Points(frame.Svg, series[i], i, x, y, (xName, yName), labels);
        if (series.Length > 1)
            frame.Legend([.. series.Select(s => s.Name)]);
        return frame.ToFigure();
    }

    private static double[] Count(Axis axis) => [.. Enumerable.Range(0, axis.Length).Select(i => (double)i)];

    private static double[]? Places(Axis axis)
    {
        var places = new double[axis.Length];
        for (var i = 0; i < places.Length; i++)
            if (!double.TryParse(axis.Labels[i], NumberStyles.Float, CultureInfo.InvariantCulture, out places[i]) || !double.IsFinite(places[i]))
                return null;
        return places;
    }

    private static string Line(Series series, Scale x, Scale y)
    {
        var path = new StringBuilder();
        var open = false;
        for (var i = 0; i < series.X.Count; i++)
        {
            var drawn = double.IsFinite(series.X[i]) && double.IsFinite(series.Y[i]);
            if (drawn)
                path.Append(open ? 'L' : 'M').Append(SvgBuilder.N(x.At(series.X[i]))).Append(' ').Append(SvgBuilder.N(y.At(series.Y[i])));
            open = drawn;
        }

        return path.ToString();
    }

    private static string Band(Series series, Scale x, Scale y)
    {
        var kept = Enumerable.Range(0, series.X.Count).Where(i => double.IsFinite(series.X[i] + series.Low![i] + series.High![i])).ToArray();
        var points = kept.Select(i => (series.X[i], series.High![i])).Concat(kept.Reverse().Select(i => (series.X[i], series.Low![i])));
        var path = string.Join('L', points.Select(p => $"{SvgBuilder.N(x.At(p.Item1))} {SvgBuilder.N(y.At(p.Item2))}"));
        return path.Length == 0 ? "" : $"M{path}Z";
    }

    private static void Points(SvgBuilder svg, Series series, int index, Scale x, Scale y, (string X, string Y) names, Axis? labels)
    {
        var dots = series.X.Count <= DotPoints;
        for (var i = 0; i < series.X.Count; i++)
        {
            if (!double.IsFinite(series.X[i]) || !double.IsFinite(series.Y[i]))
                continue;
            if (dots)
                svg.Circle(x.At(series.X[i]), y.At(series.Y[i]), 2.4, $"dot {ChartStyle.Class(index)}");
            var (place, name) = (labels is null ? $"{names.X} {NumberText.Place(series.X[i])}" : AxisLabels.Where(labels, i), series.Name.Length > 0 ? DisplayText.Visible(series.Name) + "\n" : "");
            var band = series.Low is null ? "" : $" [{NumberText.Short(series.Low[i])}, {NumberText.Short(series.High![i])}]";
            svg.Circle(x.At(series.X[i]), y.At(series.Y[i]), 5, $"hit {ChartStyle.Class(index)}", $"{name}{place}\n{names.Y} {NumberText.Short(series.Y[i])}{band}");
        }
    }
}
