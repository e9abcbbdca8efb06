namespace Interp;

/// <summary>Probes at every place of a grid, with their held-out scores beside controls.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ProbeResult : INotebookView
{
    private readonly ProbeFit[] fits;
    private readonly Axis[] axes;
    private readonly Provenance provenance;

    internal ProbeResult(IReadOnlyList<Axis> axes, ProbeFit[] fits, Provenance provenance) => (this.axes, this.fits, this.provenance) = ([.. axes], fits, provenance);

    /// <summary>What the scores are: <c>AUROC</c> or <c>R2</c>.</summary>
    public string Measure => fits[0].Evaluation.Measure;

    /// <summary>The score at each place, [layer, ..].</summary>
    public LabelledArray Scores => Of(Measure, e => e.Score);

    /// <summary>The lower end of the scores' 95 % intervals.</summary>
    public LabelledArray Low => Of(Measure, e => e.Interval.Low);

    /// <summary>The upper end.</summary>
    public LabelledArray High => Of(Measure, e => e.Interval.High);

    /// <summary>Everything side by side, [layer, .., figure]: score, interval, controls, accuracies and calibration.</summary>
    public LabelledArray Table
    {
        get
        {
            var figures = Figures().Where(f => fits.Any(fit => !double.IsNaN(f.Value(fit.Evaluation)))).ToArray();
            double[] values = [.. fits.SelectMany(fit => figures.Select(f => f.Value(fit.Evaluation)))];
            return new LabelledArray([.. axes, new Axis("figure", figures.Select(f => f.Name))], values, Measure, provenance);
        }
    }

    /// <summary>The places, row-major: probe and evaluation of each.</summary>
    public IReadOnlyList<ProbeFit> Fits => fits;

    /// <summary>The place with the highest score.</summary>
    public ProbeFit Best => fits.MaxBy(fit => fit.Evaluation.Score)!;

    /// <summary>The probe and evaluation at one place, an index per axis of <see cref="Scores"/>.</summary>
    /// <exception cref="ArgumentException">The number of indices is another one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside its axis.</exception>
    public ProbeFit this[params ReadOnlySpan<Index> indices] => fits[(int)Places()[indices]];

    /// <summary>The scores: along one axis as a line with its interval beside the controls, along two or three as a heat map of what is above chance.</summary>
    /// <param name="title">The title; null says what was probed.</param>
    public Figure Figure(string? title = null)
    {
        title ??= $"{provenance.Method}: {Measure}";
        if (axes.Length > 1)
            return Measure == "R2" ? Scores.Heatmap(title) : Scores.Map(v => v - 0.5, $"{Measure} above chance").Heatmap(title);
        var across = axes[0].Labels.Select((label, i) => double.TryParse(label, System.Globalization.CultureInfo.InvariantCulture, out var at) ? at : i).ToArray();
        Series Line(string name, Func<ProbeEvaluation, double> value) => new(name, across, [.. fits.Select(fit => value(fit.Evaluation))]);
        Series[] lines =
        [
            Line(Measure, e => e.Score) with { Low = [.. Low.Values], High = [.. High.Values] },
            .. new[] { Line("shuffled labels", e => e.Shuffled), Line("random features", e => e.RandomFeatures) }.Where(l => l.Y.Any(double.IsFinite)),
        ];
        return lines.LinePlot(title, axes[0].Name, Measure);
    }

    /// <summary>Prints the table.</summary>
    public void Print() => Table.Print();

    string INotebookView.Html => NotebookHtml.Under(ToString(), Figure().Fragment);

    /// <summary>The measure, the places and the best of them.</summary>
    public override string ToString() => $"{provenance.Method} at {LabelledArray.Describe(axes)}: best {Best}";

    private static (string Name, Func<ProbeEvaluation, double> Value)[] Figures() =>
    [
        ("score", e => e.Score), ("low", e => e.Interval.Low), ("high", e => e.Interval.High), ("shuffled labels", e => e.Shuffled),
        ("random features", e => e.RandomFeatures), ("accuracy", e => e.Accuracy), ("control task", e => e.ControlTask),
        ("selectivity", e => e.Selectivity), ("balanced accuracy", e => e.BalancedAccuracy), ("Brier", e => e.Brier), ("ECE", e => e.CalibrationError),
    ];

    private LabelledArray Of(string quantity, Func<ProbeEvaluation, double> value) =>
        new(axes, [.. fits.Select(fit => value(fit.Evaluation))], quantity, provenance);

    private LabelledArray Places() => new(axes, [.. Enumerable.Range(0, fits.Length).Select(i => (double)i)], "place");
}
