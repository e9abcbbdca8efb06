namespace Interp;

/// <summary>How probes are evaluated.</summary>
internal sealed record ProbeSettings
{
    public int Folds { get; init; } = 5;

    public int[]? Assigned { get; init; }

    public int Seed { get; init; }

    public int Shuffles { get; init; } = 3;

    public bool RandomFeatures { get; init; } = true;

    public bool ControlTask { get; init; } = true;

    public int Resamples { get; init; } = 1000;

    /// <summary>The fold of each row: as given, else grouped where rows are, else stratified.</summary>
    /// <exception cref="ArgumentException">There are too few rows, groups or classes, or the split that was given leaks.</exception>
    public int[] Split(ProbeData data)
    {
        data.Labels.RequireClasses($"of {data.Name}");
        var folds = Assigned ?? (data.Groups is { } groups ? Splits.Grouped(data.Labels, groups, Folds, Seed) : Splits.Stratified(data.Labels, Folds, Seed));
        if (Assigned is not null)
            Splits.Check(folds, data);
        return Splits.EveryTrainingSideHasAll(folds, data.Labels)
            ? folds
            : throw new ArgumentException("A class stands in one fold only, so that the probe of that fold never sees it: its rows are too few, or all in one group.");
    }
}
