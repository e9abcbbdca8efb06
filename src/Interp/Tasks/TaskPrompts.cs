namespace Interp;

using System.Collections.Immutable;

/// <summary>Prompts that show a behaviour, an aligned corruption of each, and the answers that tell them apart.</summary>
public sealed record TaskPrompts
{
    /// <summary>The prompts that show the behaviour.</summary>
    public required RunInput Clean { get; init; }

    /// <summary>The prompts that do not, row by row of equally many tokens.</summary>
    public required RunInput Corrupted { get; init; }

    /// <summary>The right answer of each clean prompt.</summary>
    public required ImmutableArray<int> Correct { get; init; }

    /// <summary>The answer that would be right, or as good, after the corrupted prompt.</summary>
    public required ImmutableArray<int> Incorrect { get; init; }

    /// <summary>Logit of the right answer minus logit of the other, at each prompt's last position.</summary>
    public Metric LogitDifference => Metric.LogitDifference(Correct, Incorrect);
}
