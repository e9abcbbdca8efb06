namespace Interp;

/// <summary>How a head's attention is held against a pattern.</summary>
public enum HeadMeasure
{
    /// <summary>Attention inside the pattern over all attention, 0 to 1: TransformerLens's <c>error_measure="mul"</c>.</summary>
    Share,

    /// <summary>1 - mean over queries of sum |attention - pattern|, at most 1: TransformerLens's <c>error_measure="abs"</c>, not rounded; the mean over prompts.</summary>
    Difference,
}
