namespace Interp;

/// <summary>What the norm over queries and keys is.</summary>
public enum QueryKeyNormKind
{
    /// <summary>RMSNorm over each head, with one gain for all heads, [d_head].</summary>
    Head,

    /// <summary>RMSNorm over all heads together, before they are taken apart, with a gain [head, d_head] (OLMo 2).</summary>
    Projection,

    /// <summary>LayerNorm over each head, with a gain of its own for each, [head, d_head] (StableLM 2 12B).</summary>
    EachHead,
}
