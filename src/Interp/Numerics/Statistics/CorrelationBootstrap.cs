namespace Interp;

/// <summary>
/// Bootstrap intervals of both coefficients of correlation in one pass. A resample is kept as how often each pair was drawn, so
/// that ranks follow from one sorting of the samples, and a resample costs as many steps as there are pairs.
/// </summary>
internal sealed class CorrelationBootstrap
{
    private readonly double[] x;
    private readonly double[] y;
    private readonly int[] xOrder;
    private readonly int[] yOrder;
    private readonly double[] xRanks;
    private readonly double[] yRanks;
    private readonly int[] drawn;

    private CorrelationBootstrap(double[] x, double[] y)
    {
        (this.x, this.y) = (x, y);
        (xOrder, yOrder) = (Order(x), Order(y));
        (xRanks, yRanks, drawn) = (new double[x.Length], new double[x.Length], new int[x.Length]);
    }

    /// <summary>The percentile intervals; the same draws as <see cref="Bootstrap"/> makes with the seed.</summary>
    public static (Interval Pearson, Interval Spearman) Intervals(double[] x, double[] y, int resamples, double level, int seed)
    {
        var bootstrap = new CorrelationBootstrap(x, y);
        var random = new Random(seed);
        var (pearson, spearman) = (new List<double>(resamples), new List<double>(resamples));
        for (var r = 0; r < resamples; r++)
        {
            bootstrap.Draw(random);
            Add(pearson, bootstrap.Coefficient(x, y));
            bootstrap.Rank(bootstrap.x, bootstrap.xOrder, bootstrap.xRanks);
            bootstrap.Rank(bootstrap.y, bootstrap.yOrder, bootstrap.yRanks);
            Add(spearman, bootstrap.Coefficient(bootstrap.xRanks, bootstrap.yRanks));
        }

        return (Bootstrap.Percentile(pearson, level), Bootstrap.Percentile(spearman, level));
    }

    private static void Add(List<double> values, double value)
    {
        if (!double.IsNaN(value))
            values.Add(value);
    }

    private static int[] Order(double[] values)
    {
        var (keys, order) = ((double[])values.Clone(), Enumerable.Range(0, values.Length).ToArray());
        Array.Sort(keys, order);
        return order;
    }

    private void Draw(Random random)
    {
        Array.Clear(drawn);
        for (var i = 0; i < drawn.Length; i++)
            drawn[random.Next(drawn.Length)]++;
    }

    /// <summary>Gives each pair the mean rank of its draws and of those equal to it.</summary>
    private void Rank(double[] values, int[] order, double[] ranks)
    {
        var below = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            var equal = 0;
            for (end = start; end < order.Length && values[order[end]] == values[order[start]]; end++)
                equal += drawn[order[end]];
            for (var i = start; i < end; i++)
                ranks[order[i]] = below + (equal + 1) / 2.0;
            below += equal;
        }
    }

    /// <summary>Pearson's coefficient of the drawn pairs; NaN where one side is constant.</summary>
    private double Coefficient(double[] a, double[] b)
    {
        var (meanA, meanB) = (0.0, 0.0);
        for (var i = 0; i < drawn.Length; i++)
            (meanA, meanB) = (meanA + drawn[i] * a[i], meanB + drawn[i] * b[i]);
        (meanA, meanB) = (meanA / drawn.Length, meanB / drawn.Length);
        var (aa, bb, ab) = (0.0, 0.0, 0.0);
        for (var i = 0; i < drawn.Length; i++)
        {
            var (da, db) = (a[i] - meanA, b[i] - meanB);
            (aa, bb, ab) = (aa + drawn[i] * da * da, bb + drawn[i] * db * db, ab + drawn[i] * da * db);
        }

        return IsConstant(a) || IsConstant(b) ? double.NaN : Math.Clamp(ab / Math.Sqrt(aa * bb), -1, 1);
    }

    private bool IsConstant(double[] values)
    {
        var first = Array.FindIndex(drawn, n => n > 0);
        for (var i = first + 1; i < drawn.Length; i++)
            if (drawn[i] > 0 && values[i] != values[first])
                return false;
        return true;
    }
}
