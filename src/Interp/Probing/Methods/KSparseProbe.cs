namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The k features whose class means differ most, and a logistic probe on these alone.</summary>
internal sealed class KSparseProbe(int k, double? penalty) : IProbeMethod
{
    /// <inheritdoc/>
    public string Name => $"{k}-sparse";

    // The selection is part of what a control must repeat; the penalty alone is held.
    /// <inheritdoc/>
    public IProbeMethod Settled(LinearProbe probe) => new KSparseProbe(k, probe.Penalty);

    /// <inheritdoc/>
    public LinearProbe Fit(ProbeData data, CancellationToken cancellation = default)
    {
        Methods.RequireClasses(data, Name);
        if (k > data.FeatureCount)
            throw new ArgumentException($"{k} features are asked for and there are {data.FeatureCount}.");
        using var scope = NewDisposeScope();
        var means = MeanDifferenceProbe.Means(Standardised.Wide(data.Features), data.Labels); // [class, feature]
        var distance = data.Labels.Classes.Count == 2 ? (means[1] - means[0]).abs() : (means.amax(0L) - means.amin(0L));
        var order = distance.Doubles();
        int[] selected = [.. Enumerable.Range(0, order.Length).OrderByDescending(f => order[f]).Take(k).Order()];
        var columns = data.Features.index_select(1, tensor(Array.ConvertAll(selected, f => (long)f), device: data.Features.device));
        var inner = new LogisticProbe(penalty).Fit(data.With(columns), cancellation);
        var weights = new double[inner.Outputs * data.FeatureCount];
        for (var output = 0; output < inner.Outputs; output++)
            for (var i = 0; i < k; i++)
                weights[output * data.FeatureCount + selected[i]] = inner.Weights(output)[i];
        return new LinearProbe(Name, inner.Classes, weights, inner.Bias.ToArray()) { Name = data.Name, Penalty = inner.Penalty };
    }
}
