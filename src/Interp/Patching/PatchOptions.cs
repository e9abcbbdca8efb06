namespace Interp;

/// <summary>How a sweep is run. The numbers do not depend on it, beyond rounding.</summary>
public sealed record PatchOptions
{
    /// <summary>The default: the planned sweep, 1 GiB of working memory.</summary>
    public static PatchOptions Default { get; } = new();

    /// <summary>How the sweep is run.</summary>
    public PatchStrategy Strategy { get; init; } = PatchStrategy.Planned;

    /// <summary>Bytes of activations the batch of patched rows may take at a time; more experiments than fit are run in several passes.</summary>
    public long MemoryBudget { get; init; } = 1L << 30;

    /// <summary>Patches only what lies in a subspace of the unit's last axis, x + P (source - x); null patches whole values.</summary>
    public Subspace? Within { get; init; }

    internal static ArgumentException TooSmall(long budget, long bytes, RunInput input) => new(
        $"One patch of {input.Batch} prompts of {input.Length} tokens takes {bytes:N0} bytes, the budget is {budget:N0}: raise {nameof(PatchOptions)}.{nameof(MemoryBudget)}, or give fewer prompts at a time.");
}
