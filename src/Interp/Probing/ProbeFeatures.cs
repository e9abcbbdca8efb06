namespace Interp;

using Interp.Extending;
using TorchSharp;

/// <summary>The features of a <see cref="ProbePlan"/>, read once: several methods can be fitted to them. It owns them; dispose it when done.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ProbeFeatures : IDisposable
{
    private readonly ProbePlan plan;
    private readonly ProbeData[] data;
    private readonly int[]?[] keys;

    internal ProbeFeatures(ProbePlan plan, IReadOnlyList<Axis> axes, ProbeData[] data, int[]?[] keys)
    {
        (this.plan, Axes, this.data, this.keys) = (plan, axes, data, keys);
        foreach (var place in data)
            place.Features.DetachFromDisposeScope();
    }

    /// <summary>The axes of the places at which features were read: layer, then those of the grid.</summary>
    public IReadOnlyList<Axis> Axes { get; }

    /// <summary>Features and labels of each place, row-major. Their tensors belong to this object.</summary>
    public IReadOnlyList<ProbeData> Data => data;

    /// <summary>Fits a method at every place and scores it on held-out rows, beside controls.</summary>
    /// <param name="method">The method, one of <see cref="Probes"/> or one's own.</param>
    /// <param name="progress">Receives the number of probes done.</param>
    /// <param name="cancellation">Ends between two probes; nothing is left behind.</param>
    /// <exception cref="ArgumentException">There are too few rows or classes for the split, or the method cannot fit these labels.</exception>
    public ProbeResult Fit(IProbeMethod method, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        var folds = plan.Settings.Split(data[0]);
        var fits = new ProbeFit[data.Length];
        for (var i = 0; i < fits.Length; i++)
        {
            using var scope = torch.NewDisposeScope();
            fits[i] = new ProbeCrossValidation(method, data[i], folds, keys[i], plan.Settings, cancellation).Run();
            progress?.Report(i + 1);
        }
        var provenance = new Provenance { Model = plan.Run.Model.Config.ModelName, Method = $"{method.Name} probes", Seed = plan.Settings.Seed };
        return new ProbeResult(Axes, fits, provenance);
    }

    /// <summary>Frees the features.</summary>
    public void Dispose()
    {
        foreach (var place in data)
            place.Features.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{LabelledArray.Describe(Axes)} places of {data[0].RowCount} rows";
}
