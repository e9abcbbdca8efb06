namespace Interp;

using System.Collections.Immutable;

/// <summary>A sentence of the small world up to a word that is determined, its aligned corruption, and what lies behind it.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record WorldSentence
{
    /// <summary>The sentence up to the answer, with its spans.</summary>
    public required Prompt Clean { get; init; }

    /// <summary>The same with one thing changed, word for word of equal length.</summary>
    public required Prompt Corrupted { get; init; }

    /// <summary>The next word, with its leading space.</summary>
    public required string Answer { get; init; }

    /// <summary>The next word after the corrupted sentence.</summary>
    public required string CorruptedAnswer { get; init; }

    /// <summary>Every word that is right after the clean sentence; the answer is one of them.</summary>
    public required ImmutableArray<string> Right { get; init; }

    /// <summary>What follows the answer in training.</summary>
    public required string Ending { get; init; }

    /// <summary>The latent variables that the generator drew: gender, number, and the like.</summary>
    public required ImmutableSortedDictionary<string, string> Latents { get; init; }

    /// <summary>The whole sentence, as in training.</summary>
    public string Text => Clean.Text + Answer + Ending;

    /// <summary>The whole sentence.</summary>
    public override string ToString() => Text;
}
