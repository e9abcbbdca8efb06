namespace Interp;

using System.Collections.Immutable;

/// <summary>How activations are mixed before a dictionary learns from them.</summary>
public sealed record ActivationStreamOptions
{
    /// <summary>The defaults.</summary>
    public static ActivationStreamOptions Default { get; } = new();

    /// <summary>Rows that the shuffle buffer holds; it is served from once full, half of it stays to be mixed with what follows.</summary>
    public int BufferRows { get; init; } = 1 << 16;

    /// <summary>The most bytes that the shuffle buffer takes, in the model's data type; 0 for as many as its rows need.</summary>
    public long BufferBytes { get; init; }

    /// <summary>Where the shuffle buffer is kept.</summary>
    public BufferPlace Place { get; init; }

    /// <summary>The folder of a buffer on disk; null for the system's folder of temporary files.</summary>
    public string? Folder { get; init; }

    /// <summary>Tokens whose activations are left out, such as the beginning of a sequence.</summary>
    public ImmutableArray<int> Without { get; init; } = [];

    /// <summary>Whether activations of tokens that the model's tokenizer calls special are left out too.</summary>
    public bool WithoutSpecial { get; init; } = true;

    /// <summary>Equal seeds give equal batches.</summary>
    public int Seed { get; init; }

    /// <summary>A file in which training is kept from time to time, and from which it goes on when it exists; null for none.</summary>
    /// <remarks>
    /// A resumed training ends in the same bits as one that was never interrupted. The prompts are read again from their beginning, but the
    /// model runs only for those whose rows were still in the shuffle buffer: prompts must come in the same order.
    /// </remarks>
    public string? Checkpoint { get; init; }

    /// <summary>Steps between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 1000;

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentException">All violations in one message.</exception>
    public ActivationStreamOptions Validated()
    {
        List<string> problems = [];
        if (BufferRows < 1 || BufferBytes < 0)
            problems.Add($"BufferRows must be at least 1 and BufferBytes not negative, not {BufferRows} and {BufferBytes}");
        if (CheckpointEvery < 1)
            problems.Add($"CheckpointEvery must be at least 1, not {CheckpointEvery}");
        return problems.Count == 0 ? this : throw new ArgumentException($"The stream's options do not hold: {string.Join("; ", problems)}.");
    }
}
