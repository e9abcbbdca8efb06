namespace Interp;

using System.Collections.Immutable;

/// <summary>Prompts that show a behaviour, an aligned corruption of each, and the answers that tell them apart.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record TaskPrompts
{
    private readonly ImmutableArray<ImmutableArray<int>> right;

    /// <summary>The prompts that show the behaviour.</summary>
    public required RunInput Clean { get; init; }

    /// <summary>The prompts that do not, row by row of equally many tokens.</summary>
    public required RunInput Corrupted { get; init; }

    /// <summary>The right answer of each clean prompt.</summary>
    public required ImmutableArray<int> Correct { get; init; }

    /// <summary>The answer that would be right, or as good, after the corrupted prompt.</summary>
    public required ImmutableArray<int> Incorrect { get; init; }

    /// <summary>Every right answer of each clean prompt; <see cref="Correct"/> alone where nothing else is said.</summary>
    public ImmutableArray<ImmutableArray<int>> Right
    {
        get => right.IsDefault ? [.. Correct.Select(id => ImmutableArray.Create(id))] : right;
        init => right = value;
    }

    /// <summary>Among how many answers of their kind the right ones stand; 0 where it is not known.</summary>
    public int Candidates { get; init; }

    /// <summary>What the generator drew, by name: a value for each prompt.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Latents { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>How often a guess among the candidates is right, 0 to 1; NaN where their number is not known.</summary>
    public double Chance => Candidates == 0 ? double.NaN : Right.Average(r => Math.Min(1, (double)r.Length / Math.Max(Candidates, r.Length)));

    /// <summary>Logit of the right answer minus logit of the other, at each prompt's last position.</summary>
    public Metric LogitDifference => Metric.LogitDifference(Correct, Incorrect);

    /// <summary>How many pairs there are.</summary>
    public override string ToString() => $"{Clean.Batch} pairs of prompts of up to {Clean.Length} tokens{(Latents.IsEmpty ? "" : $", latents {string.Join(", ", Latents.Keys)}")}";
}
