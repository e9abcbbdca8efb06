namespace Interp;

/// <summary>What patching a subspace at one unit does to the metric, beside random subspaces of the same size.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record SubspaceEffect
{
    /// <summary>What was patched.</summary>
    public required Subspace Subspace { get; init; }

    /// <summary>The metric of each patched prompt.</summary>
    public required IReadOnlyList<double> PerPrompt { get; init; }

    /// <summary>The metric of each prompt of the run that is changed, unchanged.</summary>
    public required IReadOnlyList<double> Base { get; init; }

    /// <summary>The metric of each prompt of the run that values come from.</summary>
    public required IReadOnlyList<double> Source { get; init; }

    /// <summary>Mean effects of random subspaces of the same size; empty where none were asked for.</summary>
    public required IReadOnlyList<double> Random { get; init; }

    /// <summary>Mean metric of the patched prompts.</summary>
    public double Patched => PerPrompt.Average();

    /// <summary>Patched minus unpatched, the mean over prompts.</summary>
    public double Effect => Patched - Base.Average();

    /// <summary>The 95 % bootstrap interval of the effect over prompts.</summary>
    public Interval Interval => Bootstrap.Interval([.. PerPrompt.Zip(Base, (a, b) => a - b)], values => values.Average());

    /// <summary>The effect as a share of source minus base.</summary>
    /// <exception cref="InvalidOperationException">The metrics of source and base are too close to divide by their difference.</exception>
    public double Normalised => Effect / Contrast.Range(Source.Average(), Base.Average(), nameof(Effect));

    /// <summary>The share of random subspaces with at least as large an effect by magnitude: (1 + their number) / (1 + all); NaN without any.</summary>
    public double PValue => Random.Count == 0 ? double.NaN : (1.0 + Random.Count(r => Math.Abs(r) >= Math.Abs(Effect))) / (1 + Random.Count);

    /// <summary>The effect with its interval and the null.</summary>
    public override string ToString() =>
        $"{Subspace}: {NumberText.Short(Patched)} from {NumberText.Short(Base.Average())}, effect {NumberText.Short(Effect)} {Interval}"
        + (Random.Count == 0 ? "" : $"; {Random.Count} random ones at most {NumberText.Short(Random.Max(Math.Abs))} by magnitude");
}
