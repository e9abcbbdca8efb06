namespace Interp;

/// <summary>How the norm in front of a reader (a sublayer or the unembedding) is applied to rows taken from the residual stream.</summary>
public enum RowNorm
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Each row by its own statistics, gain and bias included: what the reader would see if the stream were this row.</summary>
    Recomputed,

    /// <summary>
    /// By the statistics that the norm had in the run, gain included: linear in the row. Rows that sum to the stream give, with the norm's
    /// bias, what the reader saw; on raw weights as on processed ones.
    /// </summary>
    CachedScale,

    /// <summary>
    /// By the statistics that the norm had in the run, gain and bias left out: TransformerLens's <c>apply_ln_to_stack</c>. The same as
    /// <see cref="CachedScale"/> where the gain is folded into the weights; without meaning for the reader where it is not.
    /// </summary>
    CachedScaleWithoutGain,
}
