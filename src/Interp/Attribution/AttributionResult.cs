namespace Interp;

/// <summary>What attribution estimates that patching would measure: same axes, sign and unit as <see cref="PatchResult"/>.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class AttributionResult : INotebookView
{
    private readonly double[,] perPrompt;
    private readonly Lazy<double> range;

    internal AttributionResult(Contrast contrast, PatchGrid grid, string method, double[,] perPrompt, double clean, double corrupted)
    {
        (this.perPrompt, range) = (perPrompt, contrast.RangeOf(clean, corrupted, nameof(Effect)));
        (Clean, Corrupted, Direction) = (clean, corrupted, contrast.Direction);
        var prompts = perPrompt.GetLength(1);
        var means = new double[grid.Cells.Count];
        for (var cell = 0; cell < means.Length; cell++)
            means[cell] = Enumerable.Range(0, prompts).Average(p => perPrompt[cell, p]);
        Effect = new LabelledArray([.. grid.Axes], means, $"change of {contrast.Metric.Name}", new Provenance
        {
            Model = contrast.Model.Config.ModelName, Method = method, Metric = contrast.Metric.Name, Clean = clean, Corrupted = corrupted,
        });
    }

    /// <summary>Mean metric of the clean run.</summary>
    public double Clean { get; }

    /// <summary>Mean metric of the corrupted run.</summary>
    public double Corrupted { get; }

    /// <summary>Which run would be changed.</summary>
    public Direction Direction { get; }

    /// <summary>The estimated change of the mean metric by patching each unit, [layer, ..].</summary>
    public LabelledArray Effect { get; }

    /// <summary>(estimated metric - corrupted) / (clean - corrupted), [layer, ..], as <see cref="PatchResult.Normalised"/>.</summary>
    /// <exception cref="InvalidOperationException">Clean and corrupted metric are too close to divide by their difference, or close, and the model is disposed or changed.</exception>
    public LabelledArray Normalised
    {
        get
        {
            var unpatched = Direction == Direction.Denoising ? 0 : 1;
            return Effect.Map(v => unpatched + v / range.Value, $"normalised {Effect.Provenance.Metric}");
        }
    }

    /// <summary>The estimate for one unit, prompt by prompt.</summary>
    /// <param name="cell">The unit's place in <see cref="Effect"/>, row-major.</param>
    public double[] PerPrompt(int cell) => [.. Enumerable.Range(0, perPrompt.GetLength(1)).Select(p => perPrompt[cell, p])];

    /// <summary>The 95 % percentile bootstrap interval of a unit's mean estimate, resampling prompts.</summary>
    /// <param name="cell">The unit's place in <see cref="Effect"/>, row-major.</param>
    public Interval Interval(int cell) => Bootstrap.Interval(PerPrompt(cell), values => values.Average());

    /// <summary>The estimates as a heat map.</summary>
    /// <param name="title">The title; by default says what was estimated.</param>
    public Figure Heatmap(string? title = null) => Effect.Heatmap(title ?? $"Attribution: {Effect.Quantity}");

    /// <summary>The units with the largest estimates.</summary>
    public IReadOnlyList<LabelledValue> Top(int count) => Effect.Top(count);

    /// <summary>Prints the table of estimates.</summary>
    public void Print() => Effect.Print();

    string INotebookView.Html => Effect.Rank is >= 1 and <= 3 ? NotebookHtml.Under(ToString(), Heatmap().Fragment) : NotebookHtml.Under(ToString(), Effect);

    /// <inheritdoc/>
    public override string ToString() => $"{Effect.Provenance.Method}: {Effect.Count} units, {Direction}";
}
