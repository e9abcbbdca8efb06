namespace Interp;

/// <summary>Scatter plots of one labelled array against another.</summary>
public static class ScatterFigure
{
    private const int TipPoints = 6000;

    /// <summary>Draws every entry of an estimate against the truth, both on one scale, with the diagonal where they are equal.</summary>
    /// <param name="truth">What runs across.</param>
    /// <param name="estimate">What runs up; the same axes.</param>
    /// <param name="title">The title; null names both.</param>
    /// <exception cref="ArgumentException">The axes differ; the message names the first difference.</exception>
    public static Figure Scatter(this LabelledArray truth, LabelledArray estimate, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(truth);
        return Draw(truth, estimate, truth.Compare(estimate, resamples: 0), title);
    }

    /// <summary>Draws what was compared: every entry of the second array over that of the first, with the coefficients and their intervals.</summary>
    /// <param name="comparison">What <see cref="LabelledArray.Compare"/> made.</param>
    /// <param name="title">The title; null names both.</param>
    /// <exception cref="ArgumentException">The comparison was put together by hand: it holds no arrays.</exception>
    public static Figure Scatter(this Comparison comparison, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return comparison.Compared is { Left: { } left, Right: { } right }
            ? Draw(left, right, comparison, title)
            : throw new ArgumentException("This comparison was not made by Compare and holds no arrays: draw truth.Scatter(estimate).", nameof(comparison));
    }

    private static Figure Draw(LabelledArray truth, LabelledArray estimate, Comparison comparison, string? title)
    {
        var (xName, yName) = (Name(truth, "truth"), Name(estimate, "estimate"));
        var values = truth.Values.ToArray().Concat(estimate.Values.ToArray());
        var frame = new ChartFrame(title ?? Title(truth, estimate), Note(comparison), ChartFrame.RoomFor(Scale.Over(values, 0, 1)), 400, 400);
        var (x, y) = (Scale.Over(values, frame.Left, frame.Left + frame.Width), frame.Y(values));
        frame.DrawY(y, yName);
        frame.DrawX(x, xName);
        frame.Svg.Line(x.At(x.Min), y.At(y.Min), x.At(x.Max), y.At(y.Max), "diag");
        for (var i = 0; i < truth.Count; i++)
        {
            var (a, b) = (truth.Values[i], estimate.Values[i]);
            if (double.IsFinite(a) && double.IsFinite(b))
                frame.Svg.Circle(x.At(a), y.At(b), 3.6, "pt k0", truth.Count <= TipPoints ? Tip(truth, i, (xName, a), (yName, b)) : null);
        }

        return frame.ToFigure();
    }

    private static string Title(LabelledArray truth, LabelledArray estimate)
    {
        var (quantity, over, under) = (FigureTitle.Of(null, estimate), estimate.Provenance.Method, truth.Provenance.Method);
        return over is null || under is null || over == under ? $"{quantity}: estimate against truth" : $"{quantity}: {over} against {under}";
    }

    private static string Note(Comparison comparison)
    {
        string Coefficient(string name, double value, Interval? interval) => $"{name} {NumberText.Typeset(value, 3)}{(interval is { } i ? $" {i}" : "")}";
        return $"{comparison.Count} entries · {Coefficient("Pearson", comparison.Pearson, comparison.PearsonInterval)} · "
            + Coefficient("Spearman", comparison.Spearman, comparison.SpearmanInterval);
    }

    private static string Name(LabelledArray array, string role) => array.Provenance.Method is { } method ? $"{array.Quantity}, {method}" : $"{array.Quantity}, {role}";

    private static string Tip(LabelledArray array, int offset, (string Name, double Value) x, (string Name, double Value) y)
    {
        var where = string.Join(", ", array.Unravel(offset).Select((index, axis) => AxisLabels.Where(array.Axes[axis], index)));
        return $"{where}\n{x.Name} {NumberText.Short(x.Value)}\n{y.Name} {NumberText.Short(y.Value)}";
    }
}
