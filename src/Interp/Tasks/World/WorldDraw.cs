namespace Interp;

using System.Collections.Immutable;

/// <summary>What a behaviour draws: the words of the clean and of the corrupted sentence, and the answers.</summary>
internal sealed record WorldDraw(string Answer, string CorruptedAnswer, string Ending = ".")
{
    /// <summary>Words by their name in the template.</summary>
    public required ImmutableDictionary<string, string> Words { get; init; }

    /// <summary>The words that the corruption changes.</summary>
    public required ImmutableDictionary<string, string> Changed { get; init; }

    /// <summary>Every right answer; empty where there is only one.</summary>
    public ImmutableArray<string> Right { get; init; } = [];

    /// <summary>Latent variables.</summary>
    public ImmutableSortedDictionary<string, string> Latents { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
