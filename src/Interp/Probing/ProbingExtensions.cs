namespace Interp;

using Interp.Extending;

/// <summary>Where probes start, and the verbs that fit them.</summary>
public static class ProbingExtensions
{
    /// <summary>Probes at each place of a grid: <c>model.On(prompts).Probe(ResidPost.At(Position.Last), labels).Logistic()</c>.</summary>
    /// <param name="plan">The prompts, with whatever the run changes.</param>
    /// <param name="grid">What is read, a place at a time: <c>ResidPost.ByPosition()</c>, <c>Z.At(Position.Last).ByHead()</c>; sites with axes [batch, pos, ..].</param>
    /// <param name="labels">A class or a number per prompt (arrays convert), or classes of tokens.</param>
    /// <exception cref="ArgumentException">The numbers of prompts and labels differ, or all labels are of one class.</exception>
    public static ProbePlan Probe(this RunPlan plan, UnitGrid grid, ProbeLabels labels) => new(plan, grid, labels);

    /// <summary>Probes at each layer of a unit.</summary>
    /// <param name="plan">The prompts, with whatever the run changes.</param>
    /// <param name="unit">What is read, such as <c>ResidPost.At(Position.Last)</c>.</param>
    /// <param name="labels">A class or a number per prompt (arrays convert), or classes of tokens.</param>
    /// <exception cref="ArgumentException">The numbers of prompts and labels differ, or all labels are of one class.</exception>
    public static ProbePlan Probe(this RunPlan plan, Unit unit, ProbeLabels labels) => new(plan, unit.ByLayer(), labels);

    /// <summary>Logistic regression with an L2 penalty, multinomial for more than two classes.</summary>
    /// <param name="plan">What is read from where.</param>
    /// <param name="penalty">The penalty; null has it chosen by inner cross-validation.</param>
    public static ProbeResult Logistic(this ProbePlan plan, double? penalty = null) => plan.Fit(Probes.Logistic(penalty));

    /// <summary>Logistic regression with an L1 penalty.</summary>
    /// <param name="plan">What is read from where.</param>
    /// <param name="rule">How the penalty is chosen; a bound on what noise reaches by default.</param>
    /// <param name="refit">Whether the selected features are fitted once more, without the shrinkage.</param>
    public static ProbeResult Sparse(this ProbePlan plan, SparsePenalty? rule = null, bool refit = false) => plan.Fit(Probes.Sparse(rule, refit));

    /// <summary>Ridge regression: of numbers, or of +-1 for classes.</summary>
    /// <param name="plan">What is read from where.</param>
    /// <param name="penalty">The penalty; null has it chosen by exact inner cross-validation.</param>
    public static ProbeResult Ridge(this ProbePlan plan, double? penalty = null) => plan.Fit(Probes.Ridge(penalty));

    /// <summary>The difference of the classes' means.</summary>
    /// <param name="plan">What is read from where.</param>
    public static ProbeResult MeanDifference(this ProbePlan plan) => plan.Fit(Probes.MeanDifference());

    /// <summary>The whitened difference of the classes' means: linear discriminant analysis.</summary>
    /// <param name="plan">What is read from where.</param>
    /// <param name="shrinkage">The share of the identity in the covariance.</param>
    public static ProbeResult Whitened(this ProbePlan plan, double shrinkage = 0.01) => plan.Fit(Probes.Whitened(shrinkage));

    /// <summary>The k features whose class means differ most, then logistic regression on these.</summary>
    /// <param name="plan">What is read from where.</param>
    /// <param name="k">How many features.</param>
    /// <param name="penalty">The penalty; null has it chosen by inner cross-validation.</param>
    public static ProbeResult KSparse(this ProbePlan plan, int k, double? penalty = null) => plan.Fit(Probes.KSparse(k, penalty));

    /// <summary>Fits a method to a matrix of features and scores it on held-out rows, beside controls.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="method">The method.</param>
    /// <param name="folds">How many folds; grouped where the rows are, else stratified.</param>
    /// <param name="seed">The seed of the split, the controls and the bootstrap.</param>
    /// <param name="shuffles">How many times labels are shuffled for the control.</param>
    /// <param name="resamples">How many bootstrap resamples give the interval; 0 for none.</param>
    /// <param name="keys">The types of the control task, one per row; null for none.</param>
    /// <param name="cancellation">Ends between two fits.</param>
    /// <exception cref="ArgumentException">There are too few rows or classes for the split, or the method cannot fit these labels.</exception>
    public static ProbeFit Evaluate(
        this ProbeData data, IProbeMethod method, int folds = 5, int seed = 0, int shuffles = 3, int resamples = 1000,
        IReadOnlyList<int>? keys = null, CancellationToken cancellation = default)
    {
        var settings = new ProbeSettings { Folds = folds, Seed = seed, Shuffles = shuffles, Resamples = resamples };
        return new ProbeCrossValidation(method, data, settings.Split(data), keys is null ? null : [.. keys], settings, cancellation).Run();
    }
}
