namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>L1-penalised logistic regression of two classes that stays fast with 10^5 features.</summary>
/// <remarks>
/// 1. Walk the penalty down from the one at which nothing is selected. 2. By the sequential strong rule (Tibshirani et al. 2012) only features whose
/// gradient was at least 2 next - last can enter: only they are solved for. 3. One product with the whole matrix gives all gradients; features
/// that break the condition of optimality join, and the step is repeated until none does. 4. The candidates are solved in float64 (<see cref="CoordinateDescent"/>).
/// The matrix itself stays in its own precision on its device and is never copied when large.
/// </remarks>
internal sealed class SparseSolver
{
    private readonly Tensor x;
    private readonly double[] target;
    private readonly double[] mean;
    private readonly double[] deviation;
    private readonly CoordinateDescent descent;

    /// <summary>A problem; the tensors belong to the caller's dispose scope.</summary>
    /// <param name="features">[rows, features].</param>
    /// <param name="target">1 or 0 for each row.</param>
    public SparseSolver(Tensor features, double[] target)
    {
        x = Standardised.Wide(features);
        this.target = target;
        var (means, deviations) = Standardised.Columns(x);
        (mean, deviation) = (means.Doubles(), deviations.Doubles());
        descent = new CoordinateDescent(target);
        Gradient = Gradients();
    }

    /// <summary>The gradient of the mean loss at the current solution, per standardised feature.</summary>
    public double[] Gradient { get; private set; }

    /// <summary>The smallest penalty at which nothing is selected, while nothing is.</summary>
    public double Largest => Gradient.Max(Math.Abs);

    /// <summary>The features in the current solution with their weights (standardised), and the constant.</summary>
    public (IReadOnlyList<(int Feature, double Weight)> Weights, double Constant) Solution => (descent.Weights, descent.Constant);

    /// <summary>Weights for the features as they came, and the constant.</summary>
    public (double[] Weights, double Constant) FoldedBack()
    {
        var weights = new double[mean.Length];
        var constant = descent.Constant;
        foreach (var (feature, weight) in descent.Weights)
        {
            weights[feature] = weight / deviation[feature];
            constant -= weights[feature] * mean[feature];
        }
        return (weights, constant);
    }

    /// <summary>Solves for a penalty, in steps from the last one.</summary>
    /// <param name="penalty">The penalty.</param>
    /// <param name="last">The penalty of the current solution.</param>
    /// <param name="cancellation">Ends between two steps.</param>
    public void Solve(double penalty, double last, CancellationToken cancellation)
    {
        while (last > penalty)
        {
            var next = Math.Max(penalty, 0.7 * last);
            Step(next, last, cancellation);
            last = next;
        }
    }

    private void Step(double penalty, double last, CancellationToken cancellation)
    {
        Admit(Enumerable.Range(0, mean.Length).Where(f => Math.Abs(Gradient[f]) >= 2 * penalty - last));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            descent.Solve(penalty, cancellation);
            Gradient = Gradients();
            var broken = Enumerable.Range(0, mean.Length).Where(f => !descent.Holds(f) && Math.Abs(Gradient[f]) > penalty * (1 + 1e-6)).ToArray();
            if (broken.Length == 0)
                return;
            Admit(broken);
        }
    }

    private void Admit(IEnumerable<int> features)
    {
        int[] fresh = [.. features.Where(f => !descent.Holds(f))];
        if (fresh.Length == 0)
            return;
        using var scope = NewDisposeScope();
        var columns = x.index_select(1, tensor(Array.ConvertAll(fresh, f => (long)f), device: x.device)).t().Doubles(); // [feature, row]
        var rows = target.Length;
        for (var i = 0; i < fresh.Length; i++)
        {
            var column = columns.AsSpan(i * rows, rows).ToArray();
            for (var row = 0; row < rows; row++)
                column[row] = (column[row] - mean[fresh[i]]) / deviation[fresh[i]];
            descent.Add(fresh[i], column);
        }
    }

    // The mean over rows of (p - y) times the standardised feature.
    private double[] Gradients()
    {
        using var scope = NewDisposeScope();
        var residual = descent.Residuals();
        var total = residual.Sum();
        var gradient = tensor(residual, dtype: x.dtype, device: x.device).unsqueeze(0).matmul(x).Doubles(); // [1, feature]
        for (var f = 0; f < gradient.Length; f++)
            gradient[f] = (gradient[f] - total * mean[f]) / (deviation[f] * target.Length);
        return gradient;
    }
}
