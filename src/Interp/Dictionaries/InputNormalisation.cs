namespace Interp;

/// <summary>What a dictionary does to each row before encoding, and undoes after decoding.</summary>
public enum InputNormalisation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Subtracts the row's mean and divides by its (unbiased) standard deviation plus 1e-5.</summary>
    LayerNorm,

    /// <summary>Scales the row to length √d_in.</summary>
    ConstantNorm,
}
