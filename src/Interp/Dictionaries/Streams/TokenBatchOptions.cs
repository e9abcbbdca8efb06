namespace Interp;

/// <summary>How texts become batches of prompts.</summary>
public sealed record TokenBatchOptions
{
    /// <summary>The defaults.</summary>
    public static TokenBatchOptions Default { get; } = new();

    /// <summary>Prompts of a batch.</summary>
    public int Rows { get; init; } = 16;

    /// <summary>Tokens of a prompt, its beginning-of-sequence token included.</summary>
    public int Context { get; init; } = 128;

    /// <summary>Whether prompts begin with the beginning-of-sequence token.</summary>
    public Bos Bos { get; init; }

    /// <summary>Whether texts are put one behind the other, with the end-of-sequence token between, and cut into prompts of equal length.</summary>
    /// <remarks>Otherwise each text is a prompt of its own, cut where it is too long and padded where it is shorter than others.</remarks>
    public bool Packed { get; init; } = true;

    /// <summary>How often the texts are gone through; 0 for without end.</summary>
    public int Passes { get; init; } = 1;
}
