namespace Interp;

/// <summary>How positions enter a transformer.</summary>
public enum PositionKind
{
    /// <summary>No positions.</summary>
    None,

    /// <summary>A learned vector per position, added to the residual stream.</summary>
    Learned,

    /// <summary>Queries and keys are rotated.</summary>
    Rotary,

    /// <summary>Each head's scores fall linearly with the distance to the key (ALiBi).</summary>
    Alibi,

    /// <summary>A learned vector per position, added to what queries and keys read in every block, never to the residual stream.</summary>
    Shortformer,
}
