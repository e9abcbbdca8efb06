namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The difference of the classes' means, plain or whitened by the pooled covariance (linear discriminant analysis).</summary>
/// <remarks>
/// Scores are those of the nearest mean: m_c x - |m_c|^2 / 2, in the metric of the inverse covariance when whitened; two classes have their
/// difference. The covariance is shrunk towards a multiple of the identity (Ledoit and Wolf 2004 give the form; the share is given here).
/// </remarks>
internal sealed class MeanDifferenceProbe(bool whitened, double shrinkage = 0.01) : IProbeMethod
{
    /// <inheritdoc/>
    public string Name => whitened ? "whitened mean difference" : "mean difference";

    /// <inheritdoc/>
    public LinearProbe Fit(ProbeData data, CancellationToken cancellation = default)
    {
        Methods.RequireClasses(data, Name);
        using var scope = NewDisposeScope();
        var wide = whitened ? data.Features.to(ScalarType.Float64) : Standardised.Wide(data.Features);
        var means = Means(wide, data.Labels); // [class, feature]
        var vectors = whitened ? Whitened(wide, data.Labels, means) : means;
        var constants = (vectors * means).sum(1L) * -0.5; // [class]
        if (data.Labels.Classes.Count == 2)
            (vectors, constants) = ((vectors[1] - vectors[0]).unsqueeze(0), (constants[1] - constants[0]).unsqueeze(0));
        var probe = new LinearProbe(Name, data.Labels.Classes, vectors.Doubles(), constants.Doubles()) { Name = data.Name };
        return Methods.Calibrated(probe, data, cancellation);
    }

    /// <summary>The mean of each class, [class, feature]; zeros for a class without rows.</summary>
    public static Tensor Means(Tensor features, ProbeLabels labels)
    {
        using var scope = NewDisposeScope();
        var values = new double[labels.Classes.Count * labels.Count];
        for (var row = 0; row < labels.Count; row++)
            values[labels.Codes[row] * labels.Count + row] = 1;
        var members = tensor(values, [labels.Classes.Count, labels.Count], dtype: features.dtype, device: features.device);
        return (members.matmul(features) / members.sum(1L, keepdim: true).clamp_min(1)).MoveToOuterDisposeScope();
    }

    // Means times the inverse of the shrunk covariance within classes, by its eigenvectors (through rows where they are fewer).
    private Tensor Whitened(Tensor wide, ProbeLabels labels, Tensor means)
    {
        var codes = tensor(labels.Codes.ToArray().Select(c => (long)c).ToArray(), device: wide.device);
        var within = wide - means.index_select(0, codes); // [row, feature]
        var rows = within.shape[0];
        var level = (within * within).sum().ToDouble() / ((double)rows * within.shape[1]) * shrinkage;
        if (!(level > 0))
            throw new ArgumentException($"Within its classes no feature of {labels} varies: nothing to whiten by. Use MeanDifference.");
        if (within.shape[1] <= rows)
        {
            var covariance = within.t().matmul(within) * ((1 - shrinkage) / rows) + eye(within.shape[1], dtype: ScalarType.Float64, device: wide.device) * level;
            return linalg.solve(covariance, means.t()).t();
        }
        // (a I + W'W / m)^-1 = (I - W'(m a I + W W')^-1 W) / a
        var weight = rows / (1 - shrinkage);
        var inner = within.matmul(within.t()) + eye(rows, dtype: ScalarType.Float64, device: wide.device) * (weight * level);
        return (means - linalg.solve(inner, within.matmul(means.t())).t().matmul(within)) / level;
    }
}
