namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Ridge regression in closed form, of numbers, or of +-1 for classes.</summary>
/// <remarks>
/// 1. Standardise. 2. Principal coordinates F with F'F = diag(l), through the smaller of X'X (primal) and X X' (dual): there the solution is
/// F'y / (l + n penalty). 3. Without a given penalty, take the one with the smallest squared error on inner folds; a fold's errors follow from the
/// full fit, (I - H_SS)^-1 (y - Hy)_S, without another one. 4. Fold the standardisation back.
/// </remarks>
internal sealed class RidgeProbe(double? penalty, int innerFolds = 5) : IProbeMethod
{
    private static readonly double[] Penalties = [100, 10, 1, 0.1, 0.01, 1e-3, 1e-4];

    /// <inheritdoc/>
    public string Name => penalty is null ? "ridge" : $"ridge ({NumberText.Short(penalty.Value)})";

    /// <inheritdoc/>
    public IProbeMethod Settled(LinearProbe probe) => new RidgeProbe(probe.Penalty, innerFolds);

    /// <inheritdoc/>
    public LinearProbe Fit(ProbeData data, CancellationToken cancellation = default)
    {
        data.Labels.RequireClasses($"of {data.Name}");
        using var scope = NewDisposeScope();
        var standard = new Standardised(data.Features);
        var coordinates = PrincipalCoordinates.Of(standard.Values);
        var y = data.Labels.IsNumeric
            ? tensor(data.Labels.Targets(), device: coordinates.Values.device).unsqueeze(1)
            : Methods.OneHot(data.Labels, coordinates.Values.device).t() * 2 - 1; // [row, output]
        var mean = y.mean([0L]);
        var chosen = penalty ?? Chosen(data, coordinates, y);
        var own = Shrunk(coordinates, chosen * data.RowCount).matmul(y - mean).t(); // [output, coordinate]
        var (weights, bias) = standard.FoldBack(coordinates.Weights(own), mean);
        var probe = new LinearProbe("ridge", data.Labels.Classes, weights, bias) { Name = data.Name, Penalty = chosen };
        return data.Labels.IsNumeric ? probe : Methods.Calibrated(probe, data, cancellation);
    }

    // (F'F + k I)^-1 F', [coordinate, row]
    private static Tensor Shrunk(PrincipalCoordinates coordinates, double k) => coordinates.Values.t() / (coordinates.Powers + k).unsqueeze(1);

    private double Chosen(ProbeData data, PrincipalCoordinates coordinates, Tensor y)
    {
        var folds = Splits.ForTraining(data, innerFolds);
        if (folds.Max() < 1)
            return 1;
        double[] errors = [.. Penalties.Select(p => HeldOutError(coordinates, p * data.RowCount, y, folds))];
        return Penalties[Array.IndexOf(errors, errors.Min())];
    }

    private static double HeldOutError(PrincipalCoordinates coordinates, double k, Tensor y, int[] folds)
    {
        using var scope = NewDisposeScope();
        var rows = y.shape[0];
        var hat = coordinates.Values.matmul(Shrunk(coordinates, k)) + 1.0 / rows; // the constant is free
        var residual = y - hat.matmul(y);
        var sum = 0.0;
        for (var fold = 0; fold <= folds.Max(); fold++)
        {
            var held = tensor(Enumerable.Range(0, folds.Length).Where(i => folds[i] == fold).Select(i => (long)i).ToArray(), device: y.device);
            var own = hat.index_select(0, held).index_select(1, held);
            var error = linalg.solve(eye(held.shape[0], dtype: ScalarType.Float64, device: y.device) - own, residual.index_select(0, held));
            sum += (error * error).sum().ToDouble();
        }
        return sum;
    }
}
