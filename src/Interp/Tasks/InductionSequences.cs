namespace Interp;

using System.Collections.Immutable;

/// <summary>Repeated random words, with the length of each sequence's segment.</summary>
/// <param name="Input">The sequences, all of one length.</param>
/// <param name="Segments">The number of words after which each sequence begins anew.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record InductionSequences(RunInput Input, ImmutableArray<int> Segments)
{
    /// <summary>Whether the token after a place is determined: its word and the word before have come before.</summary>
    /// <param name="row">Which sequence.</param>
    /// <param name="place">The place that predicts.</param>
    public bool Determined(int row, int place) => place > Segments[row] && place < Input.Length - 1;

    /// <summary>How many sequences there are.</summary>
    public override string ToString() => $"{Input.Batch} sequences of {Input.Length} tokens";
}
