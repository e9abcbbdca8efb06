namespace Interp;

/// <summary>What probes said of rows that they had not seen.</summary>
internal sealed class ProbePredictions
{
    private readonly ProbeLabels labels;
    private readonly int[] folds;
    private readonly double[][] scores;
    private readonly double[][] probabilities;

    public ProbePredictions(ProbeLabels labels, int[] folds)
    {
        (this.labels, this.folds) = (labels, folds);
        scores = new double[labels.Count][];
        probabilities = new double[labels.Count][];
    }

    /// <summary>The labels these were measured against.</summary>
    public ProbeLabels Labels => labels;

    /// <summary>Keeps what a probe says of rows.</summary>
    public void Take(LinearProbe probe, ProbeData data, int[] rows)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var said = probe.Scores(data.Features).Doubles().Chunk(probe.Outputs).ToArray();
        var shares = labels.IsNumeric ? said : probe.Probabilities(data.Features).Doubles().Chunk(labels.Classes.Count).ToArray();
        for (var i = 0; i < rows.Length; i++)
            (scores[rows[i]], probabilities[rows[i]]) = (said[i], shares[i]);
    }

    /// <summary>AUROC within folds (its mean over one-against-the-rest for more than two classes), or R2.</summary>
    public double Main()
    {
        if (labels.IsNumeric)
            return ProbeMetrics.R2([.. scores.Select(s => s[0])], labels.Numbers.ToArray());
        return Orders().Select(order => order.Value(null)).Average();
    }

    /// <summary>The 95 % percentile interval of <see cref="Main"/> over rows, or over groups drawn whole.</summary>
    public Interval Interval(IReadOnlyList<int>? groups, int resamples, int seed)
    {
        if (resamples == 0)
            return new Interval(double.NaN, double.NaN, 0.95);
        var clusters = Enumerable.Range(0, labels.Count).GroupBy(row => groups?[row] ?? row).Select(g => g.ToArray()).ToArray();
        var orders = labels.IsNumeric ? [] : Orders();
        var random = new Random(seed);
        List<double> values = [];
        for (var i = 0; i < resamples; i++)
        {
            var counts = new int[labels.Count];
            for (var draw = 0; draw < clusters.Length; draw++)
                foreach (var row in clusters[random.Next(clusters.Length)])
                    counts[row]++;
            var value = labels.IsNumeric ? R2(counts) : orders.Select(order => order.Value(counts)).Average();
            if (!double.IsNaN(value))
                values.Add(value);
        }
        return Bootstrap.Percentile(values, 0.95);
    }

    /// <summary>The class with the largest probability, row by row.</summary>
    public int[] Predicted() => [.. probabilities.Select(p => Array.IndexOf(p, p.Max()))];

    /// <summary>Balanced accuracy.</summary>
    public double Balanced() => labels.IsNumeric ? double.NaN : ProbeMetrics.BalancedAccuracy(Predicted(), labels.Codes.ToArray());

    /// <summary>The share of right predictions.</summary>
    public double Accuracy() => labels.IsNumeric ? double.NaN : Predicted().Zip(labels.Codes.ToArray(), (p, y) => p == y ? 1.0 : 0.0).Average();

    /// <summary>The probability of the second class (of the predicted class, where there are more than two), and whether it came true.</summary>
    public (double[] Probability, bool[] True) Calibration()
    {
        if (labels.Classes.Count == 2)
            return ([.. probabilities.Select(p => p[1])], [.. labels.Codes.ToArray().Select(c => c == 1)]);
        var predicted = Predicted();
        return ([.. probabilities.Select((p, row) => p[predicted[row]])], [.. predicted.Select((p, row) => p == labels.Codes[row])]);
    }

    /// <summary>Brier's score: of the second class, or half the squared distance over all classes.</summary>
    public double Brier() => labels.IsNumeric ? double.NaN
        : probabilities.Select((p, row) => p.Select((v, code) => Math.Pow(v - (labels.Codes[row] == code ? 1 : 0), 2)).Sum() / 2).Average();

    /// <summary>The scores, [row][output].</summary>
    public double[][] Scores => scores;

    private AurocOrder[] Orders()
    {
        var codes = labels.Codes.ToArray();
        return labels.Classes.Count == 2
            ? [new AurocOrder([.. scores.Select(s => s[0])], [.. codes.Select(c => c == 1)], folds)]
            : [.. Enumerable.Range(0, labels.Classes.Count).Where(codes.Contains).Select(code =>
                new AurocOrder([.. probabilities.Select(p => p[code])], [.. codes.Select(c => c == code)], folds))];
    }

    private double R2(int[] counts)
    {
        var y = labels.Numbers;
        double total = 0, mean = 0, error = 0, spread = 0;
        for (var row = 0; row < counts.Length; row++)
            (total, mean) = (total + counts[row], mean + counts[row] * y[row]);
        mean /= total;
        for (var row = 0; row < counts.Length; row++)
        {
            error += counts[row] * Math.Pow(y[row] - scores[row][0], 2);
            spread += counts[row] * Math.Pow(y[row] - mean, 2);
        }
        return spread > 0 ? 1 - error / spread : double.NaN;
    }
}
