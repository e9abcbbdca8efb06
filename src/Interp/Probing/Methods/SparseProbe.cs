namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A sparse probe of two classes: the L1 path down to the penalty that a rule gives.</summary>
internal sealed class SparseProbe(SparsePenalty rule, bool refit) : IProbeMethod
{
    private const int PathSteps = 25;
    private const double PathEnd = 0.05; // of the largest penalty

    /// <inheritdoc/>
    public string Name => "sparse";

    /// <inheritdoc/>
    public IProbeMethod Settled(LinearProbe probe) => new SparseProbe(SparsePenalty.Of(probe.Penalty), refit);

    /// <inheritdoc/>
    public LinearProbe Fit(ProbeData data, CancellationToken cancellation = default)
    {
        Methods.RequireClasses(data, Name);
        if (data.Labels.Classes.Count != 2)
            throw new ArgumentException($"A sparse probe tells two classes apart and there are {data.Labels.Classes.Count}: label one against the rest.");
        using var scope = NewDisposeScope();
        var penalty = rule.Value ?? (rule == SparsePenalty.Universal ? SparsePenalty.Bound(data.RowCount, data.FeatureCount) : Chosen(data, cancellation));
        var solver = new SparseSolver(data.Features, data.Labels.Targets());
        solver.Solve(penalty, solver.Largest, cancellation);
        var (weights, constant) = solver.FoldedBack();
        if (refit)
            Refit(data, weights, ref constant, cancellation);
        return new LinearProbe("sparse", data.Labels.Classes, weights, [constant]) { Name = data.Name, Penalty = penalty };
    }

    private static void Refit(ProbeData data, double[] weights, ref double constant, CancellationToken cancellation)
    {
        int[] kept = [.. Enumerable.Range(0, weights.Length).Where(f => weights[f] != 0)];
        if (kept.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var columns = data.Features.index_select(1, tensor(Array.ConvertAll(kept, f => (long)f), device: data.Features.device));
        var full = new LogisticProbe(1e-4).Fit(data.With(columns), cancellation);
        for (var i = 0; i < kept.Length; i++)
            weights[kept[i]] = full.Weights()[i];
        constant = full.Bias[0];
    }

    // The largest penalty within one standard error of the smallest held-out loss.
    private static double Chosen(ProbeData data, CancellationToken cancellation)
    {
        var folds = Splits.ForTraining(data, 5);
        var count = folds.Max() + 1;
        var bound = SparsePenalty.Bound(data.RowCount, data.FeatureCount);
        if (count < 2)
            return bound;
        using var scope = NewDisposeScope();
        var largest = new SparseSolver(data.Features, data.Labels.Targets()).Largest;
        double[] path = [.. Enumerable.Range(1, PathSteps).Select(i => largest * Math.Pow(PathEnd, (double)i / PathSteps))];
        var losses = Enumerable.Range(0, count).Select(fold => HeldOut(data, folds, fold, path, cancellation)).ToArray();
        var mean = path.Select((_, i) => losses.Average(l => l[i])).ToArray();
        var best = Array.IndexOf(mean, mean.Min());
        var error = Math.Sqrt(losses.Sum(l => Math.Pow(l[best] - mean[best], 2)) / ((count - 1.0) * count));
        return path[Array.FindIndex(mean, m => m <= mean[best] + error)];
    }

    private static double[] HeldOut(ProbeData data, int[] folds, int fold, double[] path, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var train = data.Rows([.. Enumerable.Range(0, folds.Length).Where(i => folds[i] != fold)]);
        var test = data.Rows([.. Enumerable.Range(0, folds.Length).Where(i => folds[i] == fold)]);
        var solver = new SparseSolver(train.Features, train.Labels.Targets());
        var last = solver.Largest;
        var losses = new double[path.Length];
        for (var i = 0; i < path.Length; i++)
        {
            solver.Solve(path[i], last, cancellation);
            last = Math.Min(last, path[i]);
            var (weights, constant) = solver.FoldedBack();
            losses[i] = Loss(new LinearProbe("sparse", data.Labels.Classes, weights, [constant]), test);
        }
        return losses;
    }

    private static double Loss(LinearProbe probe, ProbeData test)
    {
        using var scope = NewDisposeScope();
        var scores = probe.Scores(test.Features).to(ScalarType.Float64).squeeze(1);
        return (nn.functional.softplus(scores) - tensor(test.Labels.Targets(), device: scores.device) * scores).mean().ToDouble();
    }
}
