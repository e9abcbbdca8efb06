namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What the methods of fitting share.</summary>
internal static class Methods
{
    /// <exception cref="ArgumentException">The labels are numbers, or of one class.</exception>
    public static void RequireClasses(ProbeData data, string method)
    {
        if (data.Labels.IsNumeric)
            throw new ArgumentException($"A {method} probe reads classes and the labels are numbers: use Ridge, or label by class.");
        data.Labels.RequireClasses($"of {data.Name}");
    }

    /// <summary>1 where a row is of an output's class, [output, row], float64: one output, the second class, for two.</summary>
    public static Tensor OneHot(ProbeLabels labels, Device device)
    {
        var first = labels.Classes.Count == 2 ? 1 : 0;
        var count = labels.Classes.Count - first;
        var values = new double[count * labels.Count];
        for (var row = 0; row < labels.Count; row++)
            if (labels.Codes[row] >= first)
                values[(labels.Codes[row] - first) * labels.Count + row] = 1;
        return tensor(values, [count, labels.Count], device: device);
    }

    /// <summary>
    /// The probe with the slope (and for two classes the offset) that turns its training scores into probabilities (Platt 1999): its direction
    /// and its scores stay what the method gave.
    /// </summary>
    public static LinearProbe Calibrated(LinearProbe probe, ProbeData data, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var scores = probe.Scores(data.Features).to(ScalarType.Float64); // [row, output]
        var deviation = scores.std(unbiased: false).ToDouble();
        if (!(deviation > 0))
            return probe;
        var (slope, offset) = probe.Outputs == 1
            ? Platt(scores / deviation, OneHot(data.Labels, scores.device), cancellation)
            : (SharedSlope(scores / deviation, data.Labels), 0);
        return new LinearProbe(probe.Method, probe.Classes, [.. Enumerable.Range(0, probe.Outputs).SelectMany(o => probe.Weights(o).ToArray())], probe.Bias.ToArray())
        {
            Name = probe.Name, Penalty = probe.Penalty, Slope = slope / deviation, Offset = offset,
        };
    }

    private static (double Slope, double Offset) Platt(Tensor scores, Tensor targets, CancellationToken cancellation)
    {
        var rows = scores.shape[0];
        var even = full([1, rows], 1.0 / rows, ScalarType.Float64, scores.device);
        // The faint penalty bounds the slope where the training rows are separated.
        var solved = new LogisticSolver(scores, targets.unsqueeze(0), even, tensor([1e-4], device: scores.device)).Solve(cancellation).Doubles();
        return (solved[0], solved[1]);
    }

    // The one factor of all scores with the smallest loss, by golden sections of its logarithm.
    private static double SharedSlope(Tensor scores, ProbeLabels labels)
    {
        var codes = tensor(labels.Codes.ToArray().Select(c => (long)c).ToArray(), device: scores.device).unsqueeze(1);
        double Loss(double log)
        {
            using var scope = NewDisposeScope();
            return -(scores * Math.Exp(log)).log_softmax(-1).gather(1, codes).mean().ToDouble();
        }
        var ratio = (Math.Sqrt(5) - 1) / 2;
        var (low, high) = (-6.0, 6.0);
        for (var i = 0; i < 40; i++)
        {
            var (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
            (low, high) = Loss(a) <= Loss(b) ? (low, b) : (a, high);
        }
        return Math.Exp((low + high) / 2);
    }
}
