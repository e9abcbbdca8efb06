namespace Interp;

/// <summary>The ways into an attention head.</summary>
public enum HeadInput
{
    /// <summary>The node has one input (an MLP, the logits).</summary>
    None,

    /// <summary>What queries read.</summary>
    Query,

    /// <summary>What keys read.</summary>
    Key,

    /// <summary>What values read.</summary>
    Value,
}
