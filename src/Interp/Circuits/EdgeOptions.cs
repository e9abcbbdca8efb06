namespace Interp;

/// <summary>How edges are scored. The numbers do not depend on it, beyond rounding.</summary>
public sealed record EdgeOptions
{
    /// <summary>The default: 1 GiB of working memory.</summary>
    public static EdgeOptions Default { get; } = new();

    /// <summary>
    /// Bytes that activations, gradients and differences may take at a time, scores and weights not counted. Prompts that do not fit together
    /// are run one part after another (a metric of one's own that holds values for each prompt says in <see cref="Metric.Rows"/> which belong to
    /// a part); the differences of sources are made a layer at a time in any case.
    /// </summary>
    public long MemoryBudget { get; init; } = 1L << 30;
}
