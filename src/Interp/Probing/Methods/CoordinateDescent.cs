namespace Interp;

using System.Numerics;

/// <summary>L1-penalised logistic regression on a few columns, in float64 (Friedman, Hastie and Tibshirani 2010).</summary>
/// <remarks>
/// 1. Around the current scores the loss is a weighted sum of squares. 2. Coordinates are minimised one after the other, first all, then those that
/// are not zero until they rest, then all again. 3. A step that raises the true loss is halved. 4. It ends when every column meets the condition of
/// optimality to 1e-9: |gradient| at most the penalty, and equal to it against the sign where the weight is not zero.
/// </remarks>
internal sealed class CoordinateDescent
{
    private const double Tolerance = 1e-9;
    private readonly double[] target;
    private readonly List<int> features = [];
    private readonly List<double[]> columns = [];
    private readonly List<double> weights = [];
    private readonly HashSet<int> held = [];
    private readonly double[] scores;

    public CoordinateDescent(double[] target)
    {
        this.target = target;
        var share = target.Average();
        Constant = Math.Log(share / (1 - share));
        scores = new double[target.Length];
        Array.Fill(scores, Constant);
    }

    /// <summary>The constant, which no penalty holds.</summary>
    public double Constant { get; private set; }

    /// <summary>The features whose weight is not zero.</summary>
    public IReadOnlyList<(int Feature, double Weight)> Weights => [.. features.Zip(weights).Where(pair => pair.Second != 0).OrderBy(pair => pair.First)];

    /// <summary>Whether a feature's column is here.</summary>
    public bool Holds(int feature) => held.Contains(feature);

    /// <summary>Takes a standardised column in, with weight zero.</summary>
    public void Add(int feature, double[] column)
    {
        held.Add(feature);
        features.Add(feature);
        columns.Add(column);
        weights.Add(0);
    }

    /// <summary>p - y of each row.</summary>
    public double[] Residuals() => [.. scores.Zip(target, (score, y) => Sigmoid(score) - y)];

    /// <summary>Minimises the mean loss plus the penalty times the sum of |weights|, from where it stands.</summary>
    public void Solve(double penalty, CancellationToken cancellation)
    {
        for (var step = 0; step < 500 && Violation(penalty) > Tolerance; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] before = [.. weights];
            var (constant, objective) = (Constant, Objective(penalty));
            Quadratic(penalty);
            Refresh();
            for (var half = 0; half < 40 && Objective(penalty) > objective + 1e-14; half++)
            {
                for (var j = 0; j < before.Length; j++)
                    weights[j] = (weights[j] + before[j]) / 2;
                Constant = (Constant + constant) / 2;
                Refresh();
            }
        }
    }

    private static double Sigmoid(double score) => 1 / (1 + Math.Exp(-score));

    private static double Dot(double[] a, double[] b)
    {
        var sum = Vector<double>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count)
            sum += new Vector<double>(a, i) * new Vector<double>(b, i);
        var rest = Vector.Sum(sum);
        for (; i < a.Length; i++)
            rest += a[i] * b[i];
        return rest;
    }

    private static void AddScaled(double[] onto, double[] column, double factor)
    {
        var i = 0;
        var by = new Vector<double>(factor);
        for (; i <= onto.Length - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(onto, i) + by * new Vector<double>(column, i)).CopyTo(onto, i);
        for (; i < onto.Length; i++)
            onto[i] += factor * column[i];
    }

    // Scores anew from the weights, so that rounding of many small updates does not gather.
    private void Refresh()
    {
        Array.Fill(scores, Constant);
        for (var j = 0; j < weights.Count; j++)
            if (weights[j] != 0)
                AddScaled(scores, columns[j], weights[j]);
    }

    private double Objective(double penalty)
    {
        var sum = 0.0;
        for (var i = 0; i < target.Length; i++)
            sum += Math.Max(scores[i], 0) + Math.Log(1 + Math.Exp(-Math.Abs(scores[i]))) - target[i] * scores[i];
        return sum / target.Length + penalty * weights.Sum(Math.Abs);
    }

    private double Violation(double penalty)
    {
        var residual = Residuals();
        var worst = Math.Abs(residual.Sum()) / target.Length;
        for (var j = 0; j < columns.Count; j++)
        {
            var gradient = Dot(columns[j], residual) / target.Length;
            worst = Math.Max(worst, weights[j] != 0 ? Math.Abs(gradient + penalty * Math.Sign(weights[j])) : Math.Abs(gradient) - penalty);
        }
        return worst;
    }

    // Coordinate descent on the weighted squares around the current scores; what is left to explain is kept times its weight.
    private void Quadratic(double penalty)
    {
        var rows = target.Length;
        double[] probability = [.. scores.Select(Sigmoid)];
        double[] weight = [.. probability.Select(p => Math.Max(p * (1 - p), 1e-6))];
        double[] left = [.. target.Zip(probability, (y, p) => y - p)]; // weight x (working response - fit)
        var weighted = columns.Select(column => (double[]?)null).ToArray();
        var curvature = new double[columns.Count];
        var total = weight.Sum();
        var active = Enumerable.Range(0, columns.Count).ToArray();
        for (var sweep = 0; sweep < 1000; sweep++)
        {
            var full = active.Length == columns.Count;
            var change = 0.0;
            var shift = left.Sum() / total;
            Constant += shift;
            AddScaled(left, weight, -shift);
            change = Math.Max(change, Math.Abs(shift));
            foreach (var j in active)
                change = Math.Max(change, Coordinate(j, penalty * rows, left, weight, weighted, curvature));
            if (change < 1e-11 && full)
                return;
            active = change < 1e-11 || full ? Next(full) : active;
        }

        int[] Next(bool full) => full ? [.. Enumerable.Range(0, columns.Count).Where(j => weights[j] != 0)] : [.. Enumerable.Range(0, columns.Count)];
    }

    private double Coordinate(int j, double threshold, double[] left, double[] weight, double[]?[] weighted, double[] curvature)
    {
        var column = columns[j];
        var pull = Dot(column, left);
        if (weights[j] == 0 && Math.Abs(pull) <= threshold)
            return 0;
        if (weighted[j] is not { } scaled)
        {
            weighted[j] = scaled = [.. column.Zip(weight, (v, w) => v * w)];
            curvature[j] = Dot(column, scaled);
        }
        pull += curvature[j] * weights[j];
        var next = Math.Abs(pull) <= threshold ? 0 : (pull - threshold * Math.Sign(pull)) / curvature[j];
        var change = next - weights[j];
        if (change == 0)
            return 0;
        AddScaled(left, scaled, -change);
        weights[j] = next;
        return Math.Abs(change) * Math.Sqrt(curvature[j] / left.Length);
    }
}
