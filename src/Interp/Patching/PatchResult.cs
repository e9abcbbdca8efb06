namespace Interp;

/// <summary>What a patching sweep measured, by layer and the grid's axes.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class PatchResult : INotebookView
{
    private const int Resamples = 1000;
    private readonly double[][] perPrompt;
    private readonly double[] unpatched;
    private readonly Lazy<double> range;
    private readonly Lazy<Interval[]> intervals;

    internal PatchResult(Contrast contrast, IReadOnlyList<Axis> axes, double[][] perPrompt, double[] unpatched, double[]? supplied)
    {
        (this.perPrompt, this.unpatched, Direction) = (perPrompt, unpatched, contrast.Direction);
        intervals = new Lazy<Interval[]>(() => Bootstrap.OfMeans([.. perPrompt.Select(p => p.Zip(unpatched, (a, b) => a - b).ToArray())], Resamples));
        var (own, other) = (unpatched.Average(), supplied?.Average() ?? double.NaN);
        (Clean, Corrupted) = Direction == Direction.Denoising ? (other, own) : (own, other);
        range = contrast.RangeOf(Clean, Corrupted, nameof(Effect));
        Patched = new LabelledArray([.. axes], perPrompt.Select(p => p.Average()).ToArray(), contrast.Metric.Name, new Provenance
        {
            Model = contrast.Model.Config.ModelName, Metric = contrast.Metric.Name, Clean = Clean, Corrupted = Corrupted,
        });
        Effect = Patched.Map(v => v - Base, $"change of {contrast.Metric.Name}");
    }

    /// <summary>Mean metric of the clean run.</summary>
    public double Clean { get; }

    /// <summary>Mean metric of the corrupted run.</summary>
    public double Corrupted { get; }

    /// <summary>Which run was changed.</summary>
    public Direction Direction { get; }

    /// <summary>Mean metric of each patched run, [layer, ..].</summary>
    public LabelledArray Patched { get; }

    /// <summary>Patched minus unpatched, [layer, ..].</summary>
    public LabelledArray Effect { get; }

    /// <summary>Mean metric of the run that is changed, before any change.</summary>
    public double Base => Direction == Direction.Denoising ? Corrupted : Clean;

    /// <summary>(patched - corrupted) / (clean - corrupted), [layer, ..]: 1 where the clean behaviour is back, 0 where nothing changed.</summary>
    /// <remarks>Where clean and corrupted differ by less than 1/32 of the metric, both are run once more in float64 (float32 for half precision) to divide by their difference.</remarks>
    /// <exception cref="InvalidOperationException">Clean and corrupted metric are too close to divide by their difference, or close, and the model is disposed or changed.</exception>
    public LabelledArray Normalised => Patched.Map(v => (v - Corrupted) / range.Value, $"normalised {Patched.Quantity}");

    /// <summary>The metric of one patched run, prompt by prompt.</summary>
    /// <param name="cell">The experiment's place in <see cref="Patched"/>, row-major.</param>
    public double[] PerPrompt(int cell) => [.. perPrompt[cell]];

    /// <summary>The change of the metric by one patch, prompt by prompt.</summary>
    /// <param name="cell">The experiment's place in <see cref="Effect"/>, row-major.</param>
    public double[] EffectPerPrompt(int cell) => [.. perPrompt[cell].Zip(unpatched, (a, b) => a - b)];

    /// <summary>
    /// The 95 % percentile bootstrap interval of one mean effect: prompts are drawn with replacement (1,000 times, seed 0, the same draws for
    /// every experiment). NaN where there is one prompt.
    /// </summary>
    /// <param name="cell">The experiment's place in <see cref="Effect"/>, row-major.</param>
    public Interval Interval(int cell) => intervals.Value[cell];

    /// <summary>Lower ends of the effects' intervals, [layer, ..].</summary>
    public LabelledArray Low => Ends(i => i.Low, "lower end");

    /// <summary>Upper ends of the effects' intervals, [layer, ..].</summary>
    public LabelledArray High => Ends(i => i.High, "upper end");

    /// <summary>The effects as a heat map.</summary>
    /// <param name="title">The title; by default says what was measured.</param>
    public Figure Heatmap(string? title = null) => Effect.Heatmap(title ?? $"Patching: {Effect.Quantity}");

    /// <summary>The effects of one or two axes as lines, with their intervals where there are several prompts.</summary>
    /// <param name="title">The title; by default says what was measured.</param>
    /// <param name="x">The axis that runs across, such as <c>layer</c>; null takes the last.</param>
    public Figure LinePlot(string? title = null, string? x = null)
    {
        var several = unpatched.Length > 1;
        return Effect.LinePlot(title ?? $"Patching: {Effect.Quantity}", x, several ? Low : null, several ? High : null);
    }

    /// <summary>The experiments with the largest effects.</summary>
    public IReadOnlyList<LabelledValue> Top(int count) => Effect.Top(count);

    /// <summary>Prints the table of effects.</summary>
    public void Print() => Effect.Print();

    string INotebookView.Html => Effect.Rank is >= 1 and <= 3 ? NotebookHtml.Under(ToString(), Heatmap().Fragment) : NotebookHtml.Under(ToString(), Effect);

    /// <summary>What was measured, and the largest effect with its interval.</summary>
    public override string ToString()
    {
        var text = $"{Effect.Count} patches, {Direction.ToString().ToLowerInvariant()}, {Patched.Quantity} clean {NumberText.Short(Clean)}, corrupted {NumberText.Short(Corrupted)}";
        if (Effect.Top(1) is not [var top])
            return text;
        var place = Effect.Values.IndexOf(top.Value);
        return $"{text}; largest effect {top}{(unpatched.Length > 1 ? $" {Interval(place)}" : "")}";
    }

    private LabelledArray Ends(Func<Interval, double> end, string name) =>
        new([.. Effect.Axes], intervals.Value.Select(end).ToArray(), $"{name} of the {Effect.Quantity}", Effect.Provenance with { Seed = 0 });
}
