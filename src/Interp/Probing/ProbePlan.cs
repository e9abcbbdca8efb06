namespace Interp;

using System.Collections.Immutable;
using Interp.Extending;

/// <summary>Probes that are described and not yet fitted: an immutable chain. The last verb (<c>Logistic</c>, <c>Ridge</c>, ..., <c>Fit</c>) reads the features and fits.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record ProbePlan
{
    internal ProbePlan(RunPlan run, UnitGrid grid, ProbeLabels labels)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(labels);
        (Run, Grids, Labels) = (run, [grid], labels);
        if (!labels.ArePerToken && labels.Count != run.Input.Batch)
            throw new ArgumentException($"There are {run.Input.Batch} prompts and {labels.Count} labels: give a label for each prompt, or label tokens (ProbeLabels.OfTokens).", nameof(labels));
        labels.RequireClasses("of the prompts");
    }

    /// <summary>What runs: the prompts and whatever the run changes.</summary>
    public RunPlan Run { get; }

    /// <summary>What is read.</summary>
    public ProbeLabels Labels { get; }

    internal ImmutableArray<UnitGrid> Grids { get; init; }

    internal Pooling Pooled { get; init; } = Pooling.None;

    internal bool AsOne { get; init; }

    internal ImmutableArray<int>? GroupOf { get; init; }

    internal ImmutableArray<int>? KeyOf { get; init; }

    internal int BatchSize { get; init; } = 32;

    internal ProbeSettings Settings { get; init; } = new();

    /// <summary>Reads another site too: each probe has the features of both, place by place of the grids.</summary>
    /// <param name="grid">A grid with as many places as the first.</param>
    public ProbePlan And(UnitGrid grid) => this with { Grids = Grids.Add(grid) };

    /// <inheritdoc cref="And(UnitGrid)"/>
    public ProbePlan And(Unit unit) => And(unit.ByLayer());

    /// <summary>One probe over all layers and places together, instead of one for each.</summary>
    public ProbePlan Jointly() => this with { AsOne = true };

    /// <summary>Pools the positions of the unit into one row of features per prompt: <c>ResidPost.At(Position.Role("subject"))</c>, mean.</summary>
    public ProbePlan Pool(Pooling pooling) => this with { Pooled = pooling };

    /// <summary>Says which prompts belong together: all rows of a group are on one side of every split. Tokens of one prompt always are.</summary>
    /// <param name="groups">A number per prompt.</param>
    /// <exception cref="ArgumentException">The number of prompts is another one.</exception>
    public ProbePlan Group(IEnumerable<int> groups) => this with { GroupOf = PerPrompt(groups, "groups") };

    /// <summary>The types of the control task: all rows of a key get one class, drawn at random. By default the token that is read.</summary>
    /// <param name="keys">A number per prompt.</param>
    /// <exception cref="ArgumentException">The number of prompts is another one.</exception>
    public ProbePlan ControlTask(IEnumerable<int> keys) => this with { KeyOf = PerPrompt(keys, "keys") };

    /// <summary>The number of folds, 5 by default, and the seed of the split.</summary>
    public ProbePlan Folds(int count, int seed = 0) => this with { Settings = Settings with { Folds = count, Seed = seed, Assigned = null } };

    /// <summary>A split made outside: the fold of each row.</summary>
    public ProbePlan Folds(IEnumerable<int> folds) => this with { Settings = Settings with { Assigned = [.. folds] } };

    /// <summary>How many times labels are shuffled for the control, 3 by default.</summary>
    public ProbePlan Shuffles(int count) => this with { Settings = Settings with { Shuffles = count } };

    /// <summary>How many bootstrap resamples give the intervals, 1,000 by default; 0 for none.</summary>
    public ProbePlan Resamples(int count) => this with { Settings = Settings with { Resamples = count } };

    /// <summary>Leaves shuffled labels, random features and the control task out.</summary>
    public ProbePlan WithoutControls() => this with { Settings = Settings with { Shuffles = 0, RandomFeatures = false, ControlTask = false } };

    /// <summary>How many prompts a forward pass reads, 32 by default.</summary>
    public ProbePlan Batch(int prompts)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(prompts);
        return this with { BatchSize = prompts };
    }

    /// <summary>Reads the features, to fit several methods to them; the caller disposes what it gets.</summary>
    /// <param name="progress">Receives the number of prompts done.</param>
    /// <param name="cancellation">Ends between two passes; nothing is left behind.</param>
    /// <exception cref="ArgumentException">The model has no such site, a place is padding, or a feature is not finite.</exception>
    /// <exception cref="KeyNotFoundException">The prompts have no such role.</exception>
    public ProbeFeatures Read(IProgress<int>? progress = null, CancellationToken cancellation = default) => new FeatureReader(this).Read(progress, cancellation);

    /// <summary>Fits a method at every place of the grid and scores it on held-out rows, beside controls.</summary>
    /// <param name="method">The method, one of <see cref="Probes"/> or one's own.</param>
    /// <param name="progress">Receives the number of probes done.</param>
    /// <param name="cancellation">Ends between two probes; nothing is left behind.</param>
    /// <exception cref="ArgumentException">There are too few rows or classes for the split, or the method cannot fit these labels.</exception>
    public ProbeResult Fit(IProbeMethod method, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var features = Read(null, cancellation);
        return features.Fit(method, progress, cancellation);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Labels} from {string.Join(" and ", Grids.Select(g => g.ToString()))}{(AsOne ? ", jointly" : "")}{(Pooled == Pooling.None ? "" : $", {Pooled} pooled")}; {Run}";

    private ImmutableArray<int> PerPrompt(IEnumerable<int> numbers, string what)
    {
        ImmutableArray<int> all = [.. numbers];
        return all.Length == Run.Input.Batch
            ? all
            : throw new ArgumentException($"There are {Run.Input.Batch} prompts and {all.Length} {what}: give one for each prompt.");
    }
}
