namespace Interp;

/// <summary>What becomes of the matches by which a text is split; the names are tokenizer.json's.</summary>
internal enum SplitBehavior
{
    /// <summary>Matches fall away.</summary>
    Removed,

    /// <summary>Each match is a piece.</summary>
    Isolated,

    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Matches that touch are one piece.</summary>
    Contiguous,
}
