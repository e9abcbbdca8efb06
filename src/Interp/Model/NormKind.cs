namespace Interp;

/// <summary>The norm before each sublayer and before the unembedding.</summary>
public enum NormKind
{
    /// <summary>No norm.</summary>
    None,

    /// <summary>LayerNorm with gain and bias.</summary>
    LayerNorm,

    /// <summary>LayerNorm whose gain and bias were folded into the weights that read it.</summary>
    LayerNormPre,

    /// <summary>RMSNorm with gain.</summary>
    Rms,

    /// <summary>RMSNorm whose gain was folded into the weights that read it.</summary>
    RmsPre,
}
