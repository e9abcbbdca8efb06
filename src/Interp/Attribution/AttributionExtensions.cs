namespace Interp;

/// <summary>Attribution patching: what patching would do, to first order, for all units at once.</summary>
public static class AttributionExtensions
{
    /// <summary>Estimates for each unit of a grid what patching it would change: gradient x (source - base), summed over the unit.</summary>
    /// <remarks>
    /// Exact where the metric is linear in the unit. One run of the source, one forward and one backward of the base, whatever the number of
    /// units (Nanda 2023, "Attribution patching"; Syed et al. 2023; Kramár et al. 2024 on where the estimate fails). The gradient is taken at
    /// the run that patching changes: by default the corrupted one.
    /// </remarks>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grid">What would be patched, such as <c>Z.ByHead()</c>.</param>
    /// <exception cref="ArgumentException">The model has no such units; the message names the nearest.</exception>
    /// <exception cref="InvalidOperationException">The metric is not finite or does not depend on the activations.</exception>
    public static AttributionResult Attribute(this Contrast contrast, UnitGrid grid) => AttributionSweep.Differences(contrast, [grid])[0];

    /// <summary>The same for several grids, with one forward and one backward for all.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grids">What would be patched.</param>
    /// <returns>A result for each grid, in order.</returns>
    /// <exception cref="ArgumentException">The model has no such units, or no grid is given.</exception>
    public static IReadOnlyList<AttributionResult> Attribute(this Contrast contrast, params IEnumerable<UnitGrid> grids) =>
        AttributionSweep.Differences(contrast, [.. grids]);

    /// <summary>Estimates for each unit of a grid what its zero ablation would take away from the metric: gradient x activation.</summary>
    /// <remarks>On attention patterns this is attention attribution (Hao et al. 2021, without their integral).</remarks>
    /// <param name="plan">What runs.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="grid">What would be ablated, such as <c>Pattern.ByHead().ByPosition().BySource()</c>.</param>
    /// <returns>Metric unablated minus ablated, to first order, [layer, ..].</returns>
    /// <exception cref="ArgumentException">The model has no such units; the message names the nearest.</exception>
    public static AttributionResult AttributeZeroAblation(this RunPlan plan, Metric metric, UnitGrid grid) => AttributionSweep.Activations(plan, metric, grid);

    /// <summary>Attribution of queries or keys that recomputes the softmax (AtP*, Kramár et al. 2024, section 3.1): right also where attention saturates.</summary>
    /// <remarks>
    /// For a query: its new row of the pattern, with the gradient at the pattern. For a key at one position: every query's pattern with that one
    /// key exchanged. Cells that hold several keys add up the changes of each alone, unless all are exchanged together.
    /// </remarks>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grid">A grid over <c>Q</c> or <c>K</c>, such as <c>Q.ByHead().ByPosition()</c>.</param>
    /// <param name="together">Whether all keys of a head are exchanged at once (for <c>K.ByHead()</c>).</param>
    /// <exception cref="ArgumentException">The grid is over another site, or the model's attention is not the stock one.</exception>
    /// <exception cref="InvalidOperationException">The metric is not finite or does not depend on the activations.</exception>
    public static AttributionResult AttributeWithQkFix(this Contrast contrast, UnitGrid grid, bool together = false) =>
        AttributionSweep.QkFixed(contrast, grid, together);

    /// <summary>Attribution that cancellation between paths cannot hide (GradDrop, Kramár et al. 2024, section 3.2): AtP* with the query-key fix.</summary>
    /// <remarks>
    /// For each layer in turn the gradient through its attention and MLP is stopped, and the estimate made anew; a unit's score is the mean
    /// over prompts of the sum of the estimates' magnitudes over the number of layers minus 1 (a unit's own layer gives 0). One forward and
    /// one backward pass for each layer.
    /// </remarks>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grid">What would be patched.</param>
    /// <param name="qkFix">Whether grids over <c>Q</c> and <c>K</c> have their softmax recomputed.</param>
    /// <param name="progress">Receives the number of layers done.</param>
    /// <param name="cancellation">Ends between two layers; nothing is left behind.</param>
    /// <exception cref="ArgumentException">The model has no such units, or a single layer.</exception>
    public static GradDropResult AttributeWithGradDrop(
        this Contrast contrast, UnitGrid grid, bool qkFix = true, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        AttributionSweep.GradDropped(contrast, grid, qkFix, progress, cancellation);

    /// <summary>How an estimate agrees with the measured effects.</summary>
    /// <param name="truth">What patching measured.</param>
    /// <param name="guess">What attribution estimates, for the same grid and direction.</param>
    /// <param name="topK">How many of the largest entries are compared; null takes 10, or all where there are fewer.</param>
    /// <exception cref="ArgumentException">The grids or the directions differ.</exception>
    public static Comparison Compare(this PatchResult truth, AttributionResult guess, int? topK = null) => truth.Direction == guess.Direction
        ? truth.Effect.Compare(guess.Effect, topK)
        : throw new ArgumentException($"Patching is {truth.Direction}, the estimate {guess.Direction}: their effects have opposite meaning. Use the same contrast.", nameof(guess));

    /// <summary>How the ranking of an estimate with GradDrop agrees with the magnitudes of the measured effects.</summary>
    /// <param name="truth">What patching measured.</param>
    /// <param name="guess">Magnitudes by GradDrop, for the same grid.</param>
    /// <param name="topK">How many of the largest entries are compared; null takes 10, or all where there are fewer.</param>
    public static Comparison Compare(this PatchResult truth, GradDropResult guess, int? topK = null) =>
        truth.Effect.Map(Math.Abs, guess.Score.Quantity).Compare(guess.Score, topK);
}
