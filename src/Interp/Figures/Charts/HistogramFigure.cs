using MathNet.Numerics.Statistics;

namespace Interp;

/// <summary>Histograms of labelled arrays.</summary>
public static class HistogramFigure
{
    private const int MostBins = 100;

    /// <summary>Draws how many values of an array lie in each of some bins of equal width; values that are not finite are left out, and said so.</summary>
    /// <param name="array">Any axes.</param>
    /// <param name="title">The title; null takes the array's quantity.</param>
    /// <param name="bins">How many bins; null follows Freedman and Diaconis (1981): width 2 IQR / n^(1/3).</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bins"/> is below 1.</exception>
    public static Figure Histogram(this LabelledArray array, string? title = null, int? bins = null) => Marked(array, title, bins, null);

    /// <summary>A histogram with a value marked in it, which lies on the scale wherever it is.</summary>
    internal static Figure Marked(LabelledArray array, string? title, int? bins, (double At, string Name)? mark)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (bins is < 1)
            throw new ArgumentOutOfRangeException(nameof(bins), $"{bins} bins: give at least 1, or null for a count that suits the values.");
        double[] values = [.. array.Values.ToArray().Where(double.IsFinite).Order()];
        var missing = array.Count - values.Length;
        var (low, width, counts) = Count(values, bins ?? Bins(values));
        string[] notes = [array.Provenance.ToString(), $"{values.Length} values", missing > 0 ? $"{missing} not finite, left out" : ""];
        return Draw(low, width, counts, FigureTitle.Of(title, array), string.Join(" · ", notes.Where(n => n.Length > 0)), array.Quantity, mark);
    }

    /// <summary>Draws counts of bins of equal width that were made elsewhere.</summary>
    internal static Figure OfCounts(double low, double width, int[] counts, string title, string note, string quantity) => Draw(low, width, counts, title, note, quantity, null);

    private static int Bins(double[] sorted)
    {
        if (sorted.Length < 2 || sorted[0] == sorted[^1])
            return 1;
        var width = 2 * SortedArrayStatistics.InterquartileRange(sorted) / Math.Cbrt(sorted.Length);
        var bins = width > 0 ? Math.Ceiling((sorted[^1] - sorted[0]) / width) : Math.Ceiling(Math.Sqrt(sorted.Length));
        return (int)Math.Clamp(bins, 1, MostBins);
    }

    private static (double Low, double Width, int[] Counts) Count(double[] sorted, int bins)
    {
        var counts = new int[bins];
        if (sorted.Length == 0)
            return (0, 1.0 / bins, counts);
        var (low, high) = (sorted[0], sorted[^1]);
        if (low == high)
            (low, high) = (low - 0.5, high + 0.5);
        var width = (high - low) / bins;
        foreach (var value in sorted)
            counts[Math.Min(bins - 1, (int)((value - low) / width))]++;
        return (low, width, counts);
    }

    private static Figure Draw(double low, double width, int[] counts, string title, string note, string quantity, (double At, string Name)? mark)
    {
        var heights = counts.Select(c => (double)c).ToArray();
        var frame = new ChartFrame(title, note, ChartFrame.RoomFor(Scale.Over(heights, 0, 1, withZero: true, whole: true)), height: 280);
        var (x, y) = (frame.X([low, low + width * counts.Length, mark?.At ?? low]), frame.Y(heights, withZero: true, whole: true));
        frame.DrawY(y, "count");
        frame.DrawX(x, quantity, grid: false);
        for (var i = 0; i < counts.Length; i++)
        {
            var (from, to) = (low + i * width, low + (i + 1) * width);
            var (left, right) = (x.At(from), x.At(to));
            var tip = $"{NumberText.Short(from)} to {NumberText.Short(to)}\ncount {NumberText.Fixed(counts[i], 0)}";
            frame.Svg.Rect(left + 0.5, y.At(counts[i]), Math.Max(0.5, right - left - 1), y.At(0) - y.At(counts[i]), "bar k0", tip);
        }

        if (mark is { } marked)
            Mark(frame, x.At(marked.At), $"{marked.Name} {NumberText.Short(marked.At)}");
        return frame.ToFigure();
    }

    // The label stands on the side that has room.
    private static void Mark(ChartFrame frame, double x, string label)
    {
        var toLeft = x + TextMetrics.Width(label) + 12 > frame.Left + frame.Width;
        frame.Svg.Line(x, frame.Top, x, frame.Top + frame.Height, "line k1").Text(x + (toLeft ? -6 : 6), frame.Top + 12, label, "", toLeft ? "end" : "start");
    }
}
