namespace Interp;

/// <summary>What stays as it was between a path's sender and its receiver.</summary>
public enum PathFreeze
{
    /// <summary>Other heads keep their values, MLPs are recomputed (Wang et al. 2022, path patching).</summary>
    Heads,

    /// <summary>Other heads and all MLPs keep their values: only the residual connection joins sender and receiver.</summary>
    HeadsAndMlps,

    /// <summary>Nothing: every path from the sender on counts. To the logits this is plain patching.</summary>
    Nothing,
}
