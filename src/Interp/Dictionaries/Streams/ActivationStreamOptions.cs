namespace Interp;

using System.Collections.Immutable;

/// <summary>How activations are mixed before a dictionary learns from them.</summary>
public sealed record ActivationStreamOptions
{
    /// <summary>The defaults.</summary>
    public static ActivationStreamOptions Default { get; } = new();

    /// <summary>Rows that the shuffle buffer holds; it is served from once full, half of it stays to be mixed with what follows.</summary>
    public int BufferRows { get; init; } = 1 << 16;

    /// <summary>Tokens whose activations are left out, such as the beginning of a sequence.</summary>
    public ImmutableArray<int> Without { get; init; } = [];

    /// <summary>Equal seeds give equal batches.</summary>
    public int Seed { get; init; }

    /// <summary>A file in which training is kept from time to time, and from which it goes on when it exists; null for none.</summary>
    /// <remarks>
    /// A resumed training ends in the same bits as one that was never interrupted: the stream is replayed up to where it was, which
    /// costs the model's runs but no training steps.
    /// </remarks>
    public string? Checkpoint { get; init; }

    /// <summary>Steps between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 1000;
}
