namespace Interp;

/// <summary>How often an interchange intervention gives the counterfactual answer.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record InterchangeAccuracy
{
    /// <summary>Whether each pair got its answer.</summary>
    public required IReadOnlyList<bool> PerPair { get; init; }

    /// <summary>The share of pairs whose base gives that answer with nothing patched.</summary>
    public required double Unpatched { get; init; }

    /// <summary>Accuracies of random subspaces of the same size.</summary>
    public required IReadOnlyList<double> Random { get; init; }

    /// <summary>The share of pairs that got their answer.</summary>
    public double Accuracy => PerPair.Average(right => right ? 1.0 : 0);

    /// <summary>Its 95 % bootstrap interval over pairs.</summary>
    public Interval Interval => Bootstrap.Interval([.. PerPair.Select(right => right ? 1.0 : 0)], values => values.Average());

    /// <summary>The accuracy with its interval and the null.</summary>
    public override string ToString() =>
        $"interchange accuracy {NumberText.Fixed(Accuracy, 3)} {Interval}, unpatched {NumberText.Fixed(Unpatched, 3)}"
        + (Random.Count == 0 ? "" : $", {Random.Count} random subspaces {NumberText.Fixed(Random.Average(), 3)} (at most {NumberText.Fixed(Random.Max(), 3)})");
}
