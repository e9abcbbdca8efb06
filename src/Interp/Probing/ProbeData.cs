namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rows of features with their labels: what probes are fitted to.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ProbeData
{
    /// <summary>Features, labels and, where rows belong together, their groups.</summary>
    /// <param name="features">[rows, features], floating point, on any device. They stay the caller's.</param>
    /// <param name="labels">One label per row.</param>
    /// <param name="groups">A number per row: rows of one group are never on both sides of a split. Null where rows are independent.</param>
    /// <exception cref="ArgumentException">The numbers of rows differ, or a feature is not finite.</exception>
    public ProbeData(Tensor features, ProbeLabels labels, IReadOnlyList<int>? groups = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Shape.Check(features, "rows features", nameof(features));
        if (features.shape[0] != labels.Count)
            throw new ArgumentException($"There are {features.shape[0]} rows of features and {labels.Count} labels: give a label for each row.", nameof(labels));
        if (groups is not null && groups.Count != labels.Count)
            throw new ArgumentException($"There are {labels.Count} rows and {groups.Count} groups: give the group of each row.", nameof(groups));
        CheckFinite(features);
        (Features, Labels, Groups) = (features, labels, groups);
    }

    private ProbeData(ProbeData from, Tensor features, ProbeLabels labels, IReadOnlyList<int>? groups) =>
        (Features, Labels, Groups, Name) = (features, labels, groups, from.Name);

    /// <summary>[rows, features].</summary>
    public Tensor Features { get; }

    /// <summary>The label of each row.</summary>
    public ProbeLabels Labels { get; }

    /// <summary>The group of each row, or null.</summary>
    public IReadOnlyList<int>? Groups { get; }

    /// <summary>Where the features come from, such as <c>blocks.3.hook_resid_post pos last</c>.</summary>
    public string Name { get; init; } = "features";

    /// <summary>The number of rows.</summary>
    public int RowCount => Labels.Count;

    /// <summary>The number of features.</summary>
    public int FeatureCount => (int)Features.shape[1];

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {RowCount} rows of {FeatureCount} features, {Labels}";

    /// <summary>Some rows; their features belong to the caller's dispose scope.</summary>
    internal ProbeData Rows(int[] rows) => new(this, RowsOf(Features, rows), Labels.Rows(rows), Groups is null ? null : [.. rows.Select(r => Groups[r])]);

    /// <summary>The same rows with other labels.</summary>
    internal ProbeData With(ProbeLabels labels) => new(this, Features, labels, Groups);

    /// <summary>The same rows with other features.</summary>
    internal ProbeData With(Tensor features) => new(this, features, Labels, Groups);

    /// <summary>Some rows of a matrix.</summary>
    internal static Tensor RowsOf(Tensor matrix, int[] rows)
    {
        using var scope = NewDisposeScope();
        return matrix.index_select(0, tensor(Array.ConvertAll(rows, r => (long)r), device: matrix.device)).MoveToOuterDisposeScope();
    }

    private static void CheckFinite(Tensor features)
    {
        using var scope = NewDisposeScope();
        if (features.sum().isfinite().ToBoolean()) // one pass; a sum that overflows is looked at more closely
            return;
        var bad = features.isfinite().logical_not().any(1); // [rows]
        var count = bad.sum().ToInt64();
        if (count > 0)
            throw new ArgumentException($"{count} of {features.shape[0]} rows hold features that are NaN or infinite, the first is row {bad.to(ScalarType.Int64).argmax().ToInt64()}: leave them out.", nameof(features));
    }
}
