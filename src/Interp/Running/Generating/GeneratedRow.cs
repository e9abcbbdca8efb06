namespace Interp;

using System.Collections.Immutable;

/// <summary>One generated text.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record GeneratedRow
{
    /// <summary>Which prompt it continues.</summary>
    public required int Prompt { get; init; }

    /// <summary>Which sample of that prompt it is.</summary>
    public required int Sample { get; init; }

    /// <summary>The new tokens, without a stop token.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>The model's own log-probability of each new token (edits live; before penalty and filters), in nats.</summary>
    public required ImmutableArray<double> LogProbabilities { get; init; }

    /// <summary>The new text, cut before a stop string; null on models without a tokenizer.</summary>
    public string? Text { get; init; }

    /// <summary>Why it ended.</summary>
    public required StopReason Stop { get; init; }

    /// <summary>The text, or the tokens where there is no tokenizer.</summary>
    public override string ToString() => Text ?? $"[{string.Join(", ", Tokens)}]";
}
