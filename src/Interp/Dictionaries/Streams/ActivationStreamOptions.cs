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
}
