namespace Interp;

using System.Collections.Immutable;

/// <summary>How texts are continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>How many tokens are added at most; the model's context may end a text before.</summary>
    public int Tokens { get; init; } = 50;

    /// <summary>How a token is drawn; null takes the most probable one each time (the lowest id among equals).</summary>
    public Sampling? Sampling { get; init; }

    /// <summary>
    /// Makes tokens of the prompt and of the text less likely to come again: their logits are divided by this where positive and multiplied by it
    /// where negative (Keskar et al. 2019, CTRL). 1 changes nothing; padding does not count.
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>How many texts are written for each prompt; more than one needs <see cref="Sampling"/>.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Whether the tokenizer's end-of-sequence token is a stop token.</summary>
    public bool StopAtEnd { get; init; } = true;

    /// <summary>A text ends with any of these tokens, which is left out of it.</summary>
    public ImmutableArray<int> StopTokens { get; init; } = [];

    /// <summary>A text ends as soon as it holds any of these strings, and is cut before it; its tokens are kept whole.</summary>
    public ImmutableArray<string> StopStrings { get; init; } = [];

    /// <summary>Whether the logits that each token was chosen from are kept (before penalty and filters).</summary>
    public bool KeepLogits { get; init; }

    /// <summary>Checks all values against a model.</summary>
    /// <exception cref="ArgumentException">All violations in one message.</exception>
    internal GenerationOptions Validated(HookedTransformer model)
    {
        var wrong = Violations(model).Concat(Sampling?.Violations() ?? []).ToList();
        return wrong.Count == 0 ? this : throw new ArgumentException($"These options do not hold together: {string.Join("; ", wrong)}.");
    }

    private IEnumerable<string> Violations(HookedTransformer model)
    {
        if (Tokens < 0)
            yield return $"Tokens is {Tokens}, wanted 0 or more";
        if (!(RepetitionPenalty > 0) || double.IsInfinity(RepetitionPenalty))
            yield return $"RepetitionPenalty is {RepetitionPenalty}, wanted a finite number above 0 (1 changes nothing)";
        if (Samples < 1)
            yield return $"Samples is {Samples}, wanted at least 1";
        if (Samples > 1 && Sampling is null)
            yield return $"Samples is {Samples}, and without Sampling they would be one text {Samples} times: give Sampling";
        foreach (var token in StopTokens.Where(token => token < 0 || token >= model.Config.VocabOut))
            yield return $"the stop token {token} is not in the vocabulary of {model.Config.VocabOut} tokens (0-{model.Config.VocabOut - 1})";
        if (StopStrings.Any(string.IsNullOrEmpty))
            yield return "a stop string is empty";
        if (!StopStrings.IsEmpty && model.Tokenizer is null)
            yield return $"stop strings are looked for in text, and {model.Config.ModelName} has no tokenizer: give StopTokens";
    }
}
