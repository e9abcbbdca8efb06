namespace Interp;

/// <summary>What an intervention does to texts that it is not about.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record SideEffect
{
    /// <summary>KL divergence of the steered model's next-token distributions from the plain model's, mean over all real tokens, in nats.</summary>
    public required double Kl { get; init; }

    /// <summary>Its bootstrap interval; texts are drawn whole, since their tokens depend on each other. NaN where there is one text.</summary>
    public required Interval KlInterval { get; init; }

    /// <summary>The share of tokens at which the most probable next token stays the same.</summary>
    public required double SameTopToken { get; init; }

    /// <summary>How many real tokens there are.</summary>
    public required int Tokens { get; init; }

    /// <summary>The divergence of each text, mean over its real tokens, [text].</summary>
    public required LabelledArray PerText { get; init; }

    /// <summary>The figures in one line.</summary>
    public override string ToString() =>
        $"KL {NumberText.Short(Kl)} {KlInterval} nats per token over {Tokens} tokens of {PerText.Count} texts; top token kept {NumberText.Fixed(100 * SameTopToken, 1)} %";
}
