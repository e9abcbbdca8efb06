namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Logistic regression with an L2 penalty, two classes or more.</summary>
/// <remarks>
/// 1. Standardise the training columns. 2. With more features than rows go to principal coordinates, where the problem is the same and smaller.
/// 3. Without a given penalty, fit every penalty on every inner fold at once and take the one with the smallest held-out loss (the larger of two
/// equal ones). 4. Fit all training rows with it. 5. Fold the standardisation back.
/// </remarks>
internal sealed class LogisticProbe(double? penalty, int innerFolds = 5) : IProbeMethod
{
    private static readonly double[] Penalties = [10, 1, 0.1, 0.01, 1e-3, 1e-4];

    /// <inheritdoc/>
    public string Name => penalty is null ? "logistic L2" : $"logistic L2 ({NumberText.Short(penalty.Value)})";

    /// <inheritdoc/>
    public IProbeMethod Settled(LinearProbe probe) => new LogisticProbe(probe.Penalty, innerFolds);

    /// <inheritdoc/>
    public LinearProbe Fit(ProbeData data, CancellationToken cancellation = default)
    {
        Methods.RequireClasses(data, Name);
        using var scope = NewDisposeScope();
        var standard = new Standardised(data.Features);
        var small = data.FeatureCount > data.RowCount ? PrincipalCoordinates.Of(standard.Values) : null;
        var x = small?.Values ?? standard.Values;
        var targets = Methods.OneHot(data.Labels, x.device); // [output, row]
        var chosen = penalty ?? Chosen(data, x, targets, cancellation);
        var even = full([1, data.RowCount], 1.0 / data.RowCount, ScalarType.Float64, x.device);
        var solved = new LogisticSolver(x, targets.unsqueeze(0), even, tensor([chosen], device: x.device)).Solve(cancellation)[0]; // [output, feature + 1]
        var own = solved.narrow(1, 0, x.shape[1]);
        var (weights, bias) = standard.FoldBack(small?.Weights(own) ?? own, solved.select(1, x.shape[1]));
        return new LinearProbe("logistic L2", data.Labels.Classes, weights, bias) { Name = data.Name, Penalty = chosen };
    }

    private double Chosen(ProbeData data, Tensor x, Tensor targets, CancellationToken cancellation)
    {
        var folds = Splits.ForTraining(data, innerFolds);
        var count = folds.Max() + 1;
        if (count < 2)
            return 0.01; // too few rows of a class to hold any out
        var held = stack([.. Enumerable.Range(0, count).Select(f => tensor(Array.ConvertAll(folds, g => g == f ? 1.0 : 0.0), device: x.device))]); // [fold, row]
        var train = (1 - held) / (1 - held).sum(1L, keepdim: true);
        var rows = train.repeat(Penalties.Length, 1); // [penalty x fold, row]
        var penalties = tensor(Penalties, device: x.device).repeat_interleave(count);
        var solver = new LogisticSolver(x, targets.expand(rows.shape[0], -1, -1), rows, penalties);
        var losses = Losses(solver.Solve(cancellation), x, targets); // [penalty x fold, row]
        var perPenalty = (losses * held.repeat(Penalties.Length, 1)).view(Penalties.Length, -1).sum(1L).Doubles();
        return Penalties[Array.IndexOf(perPenalty, perPenalty.Min())];
    }

    // -log p of each row's class under each solution.
    private static Tensor Losses(Tensor solutions, Tensor x, Tensor targets)
    {
        var width = x.shape[1];
        var scores = solutions.narrow(2, 0, width).matmul(x.t()) + solutions.narrow(2, width, 1); // [problem, output, row]
        return scores.shape[1] == 1
            ? (nn.functional.softplus(scores) - targets * scores).squeeze(1)
            : scores.logsumexp(1) - (targets * scores).sum(1L);
    }
}
