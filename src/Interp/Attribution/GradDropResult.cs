namespace Interp;

/// <summary>Attribution with the gradient through one layer stopped, for each layer, and its aggregate.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class GradDropResult : INotebookView
{
    private readonly IReadOnlyList<double[,]> estimates; // dropped layer: cell, prompt

    internal GradDropResult(Contrast contrast, PatchGrid grid, string method, IReadOnlyList<double[,]> estimates)
    {
        this.estimates = estimates;
        var prompts = contrast.Base.Batch;
        var provenance = new Provenance { Model = contrast.Model.Config.ModelName, Method = method, Metric = contrast.Metric.Name };
        LabelledArray Table(IReadOnlyList<Axis> axes, IEnumerable<double> values, string quantity) => new(axes, values.ToArray(), quantity, provenance);
        var (cells, layers) = (grid.Cells.Count, estimates.Count);
        Estimates = Table(
            [new Axis("dropped layer", layers), .. grid.Axes],
            estimates.SelectMany(e => Enumerable.Range(0, cells).Select(cell => Enumerable.Range(0, prompts).Average(prompt => e[cell, prompt]))),
            $"change of {contrast.Metric.Name}");
        Score = Table(
            grid.Axes,
            Enumerable.Range(0, cells).Select(cell => Enumerable.Range(0, prompts).Average(prompt => estimates.Sum(e => Math.Abs(e[cell, prompt])) / (layers - 1))),
            $"magnitude of the change of {contrast.Metric.Name}");
    }

    /// <summary>Mean estimate over prompts with each layer dropped, [dropped layer, layer, ..].</summary>
    public LabelledArray Estimates { get; }

    /// <summary>The aggregate, not negative: mean over prompts of the magnitudes' sum over layers / (layers - 1), [layer, ..].</summary>
    public LabelledArray Score { get; }

    /// <summary>The estimates for one unit with one layer dropped, prompt by prompt.</summary>
    /// <param name="dropped">The dropped layer.</param>
    /// <param name="cell">The unit's place in <see cref="Score"/>, row-major.</param>
    public double[] PerPrompt(int dropped, int cell) => [.. Enumerable.Range(0, estimates[dropped].GetLength(1)).Select(p => estimates[dropped][cell, p])];

    /// <summary>The units with the largest scores.</summary>
    public IReadOnlyList<LabelledValue> Top(int count) => Score.Top(count);

    /// <summary>The scores as a heat map.</summary>
    /// <param name="title">The title; by default says what was estimated.</param>
    public Figure Heatmap(string? title = null) => Score.Heatmap(title ?? $"GradDrop: {Score.Quantity}");

    /// <summary>Prints the table of scores.</summary>
    public void Print() => Score.Print();

    string INotebookView.Html => Score.Rank is >= 1 and <= 3 ? NotebookHtml.Under(ToString(), Heatmap().Fragment) : NotebookHtml.Under(ToString(), Score);

    /// <inheritdoc/>
    public override string ToString() => $"{Score.Provenance.Method}: {Score.Count} units, {estimates.Count} layers dropped in turn";
}
