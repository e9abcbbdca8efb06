namespace Interp;

/// <summary>Effects of random patches of the same size: what an effect is to be held against.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class PatchNull
{
    internal PatchNull(string drawn, LabelledArray effects) => (Drawn, Effects) = (drawn, effects);

    /// <summary>What was drawn.</summary>
    public string Drawn { get; }

    /// <summary>The effects, [draw], or [draw, layer, ..] where each experiment has its own.</summary>
    public LabelledArray Effects { get; }

    /// <summary>How many random patches there are for an effect.</summary>
    public int Draws => Effects.Shape[0];

    /// <summary>The share of random patches whose effect is at least as large in magnitude, (hits + 1) / (draws + 1).</summary>
    /// <param name="effect">An effect, in the metric's unit.</param>
    /// <param name="cell">The experiment, row-major, where each has its own.</param>
    public double PValue(double effect, int cell = 0)
    {
        var each = Effects.Count / Draws;
        var hits = Enumerable.Range(0, Draws).Count(draw => Math.Abs(Effects.Values[draw * each + (each == 1 ? 0 : cell)]) >= Math.Abs(effect));
        return (hits + 1.0) / (Draws + 1);
    }

    /// <summary>The shares for every effect of a sweep, [layer, ..].</summary>
    /// <exception cref="ArgumentException">The null was made for another grid.</exception>
    public LabelledArray PValues(PatchResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Effects.Rank > 1 && Effects.Count / Draws != result.Effect.Count)
            throw new ArgumentException($"The null has {Effects.Count / Draws} experiments and the result {result.Effect.Count}: make it for the same grid.", nameof(result));
        return new LabelledArray([.. result.Effect.Axes], Enumerable.Range(0, result.Effect.Count).Select(i => PValue(result.Effect.Values[i], i)).ToArray(),
            $"share of {Drawn} with as large an effect", result.Effect.Provenance);
    }

    /// <summary>Where the middle of the random effects lies.</summary>
    /// <param name="level">Between 0 and 1.</param>
    public Interval Interval(double level = 0.95) => Bootstrap.Percentile([.. Effects.Values.ToArray()], level);

    /// <summary>The random effects as a histogram.</summary>
    /// <param name="effect">An effect to mark among them, in the metric's unit; null marks none.</param>
    /// <param name="title">The title; by default says what was drawn.</param>
    public Figure Figure(double? effect = null, string? title = null) => HistogramFigure.Marked(
        Effects, title ?? (effect is { } e ? $"{Draws} draws of {Drawn}: p = {NumberText.Fixed(PValue(e), 3)}" : $"{Draws} draws of {Drawn}"), null,
        effect is { } marked ? (marked, "effect") : null);

    /// <inheritdoc/>
    public override string ToString() => $"{Draws} draws of {Drawn}: {Interval()}";
}
