namespace Interp;

/// <summary>How well scores and probabilities tell what they should.</summary>
public static class ProbeMetrics
{
    /// <summary>The area under the ROC curve: the share of pairs of a positive and a negative row in which the positive one scores higher; ties count half.</summary>
    /// <param name="scores">One score per row.</param>
    /// <param name="positive">Whether the row is of the positive class.</param>
    /// <param name="folds">Where given, only pairs within one fold are compared: scores of different probes share no scale.</param>
    /// <returns>Between 0 and 1; NaN where there is no pair.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Auroc(IReadOnlyList<double> scores, IReadOnlyList<bool> positive, IReadOnlyList<int>? folds = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(positive);
        RequireEqual(scores.Count, positive.Count);
        return new AurocOrder(scores, positive, folds).Value(null);
    }

    /// <summary>The standard error of the area under the ROC curve where scores and classes are independent, from the numbers of rows: sqrt((n + m + 1) / (12 n m)).</summary>
    /// <param name="positive">Whether the row is of the positive class.</param>
    /// <param name="folds">Where given, of pairs within one fold.</param>
    public static double AurocNullError(IReadOnlyList<bool> positive, IReadOnlyList<int>? folds = null)
    {
        ArgumentNullException.ThrowIfNull(positive);
        var (pairs, variance) = (0.0, 0.0);
        foreach (var fold in Enumerable.Range(0, positive.Count).GroupBy(row => folds?[row] ?? 0))
        {
            double n = fold.Count(row => positive[row]), m = fold.Count() - n;
            pairs += n * m;
            variance += n * m * (n + m + 1) / 12;
        }
        return Math.Sqrt(variance) / pairs;
    }

    /// <summary>The mean over classes of the share of the class's rows that are predicted right.</summary>
    /// <param name="predicted">The predicted class of each row.</param>
    /// <param name="actual">Its class.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double BalancedAccuracy(IReadOnlyList<int> predicted, IReadOnlyList<int> actual)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(actual);
        RequireEqual(predicted.Count, actual.Count);
        return Enumerable.Range(0, actual.Count).GroupBy(row => actual[row]).Select(rows => rows.Average(row => predicted[row] == actual[row] ? 1.0 : 0.0)).DefaultIfEmpty(double.NaN).Average();
    }

    /// <summary>Brier's score: the mean squared distance between the probability of the positive class and 1 or 0.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Brier(IReadOnlyList<double> probabilities, IReadOnlyList<bool> positive)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(positive);
        RequireEqual(probabilities.Count, positive.Count);
        return probabilities.Zip(positive, (p, y) => (p - (y ? 1 : 0)) * (p - (y ? 1 : 0))).DefaultIfEmpty(double.NaN).Average();
    }

    /// <summary>The reliability curve: in bins of equal width, the mean probability, the share of positive rows and the number of rows.</summary>
    /// <param name="probabilities">Probabilities of the positive class.</param>
    /// <param name="positive">Whether the row is positive.</param>
    /// <param name="bins">How many bins.</param>
    /// <returns>[bin, (probability, positive, rows)]; NaN in empty bins.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static LabelledArray Reliability(IReadOnlyList<double> probabilities, IReadOnlyList<bool> positive, int bins = 10)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(positive);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        RequireEqual(probabilities.Count, positive.Count);
        var values = new double[bins * 3];
        for (var row = 0; row < positive.Count; row++)
        {
            var bin = Math.Clamp((int)(probabilities[row] * bins), 0, bins - 1);
            values[bin * 3] += probabilities[row];
            values[bin * 3 + 1] += positive[row] ? 1 : 0;
            values[bin * 3 + 2]++;
        }
        for (var bin = 0; bin < bins; bin++)
            (values[bin * 3], values[bin * 3 + 1]) = (values[bin * 3] / values[bin * 3 + 2], values[bin * 3 + 1] / values[bin * 3 + 2]);
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var labels = Enumerable.Range(0, bins).Select(i => string.Create(culture, $"{(double)i / bins:0.##}-{(i + 1.0) / bins:0.##}"));
        return new LabelledArray([new Axis("bin", labels), new Axis("share", ["probability", "positive", "rows"])], values, "reliability");
    }

    /// <summary>The expected calibration error: the mean over rows of |mean probability - share of positive rows| of their bin (equal widths).</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double CalibrationError(IReadOnlyList<double> probabilities, IReadOnlyList<bool> positive, int bins = 10)
    {
        var curve = Reliability(probabilities, positive, bins);
        return Enumerable.Range(0, bins).Where(i => curve[i, 2] > 0).Sum(i => Math.Abs(curve[i, 0] - curve[i, 1]) * curve[i, 2]) / positive.Count;
    }

    /// <summary>The coefficient of determination, 1 - sum of squared errors / sum of squared distances from the mean; below 0 where the mean predicts better.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double R2(IReadOnlyList<double> predicted, IReadOnlyList<double> actual)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(actual);
        RequireEqual(predicted.Count, actual.Count);
        var mean = actual.DefaultIfEmpty(double.NaN).Average();
        return 1 - predicted.Zip(actual, (p, y) => (y - p) * (y - p)).Sum() / actual.Sum(y => (y - mean) * (y - mean));
    }

    private static void RequireEqual(int given, int rows)
    {
        if (given != rows)
            throw new ArgumentException($"There are {given} values for {rows} rows.");
    }
}
