namespace Interp;

/// <summary>How a sweep of patches is run.</summary>
public enum PatchStrategy
{
    /// <summary>The fastest that is exact for the site: ragged where a patch enters the residual stream, else batched.</summary>
    Planned,

    /// <summary>Many patches share a forward pass; each joins the batch at its layer.</summary>
    Batched,

    /// <summary>One whole forward pass per patch: the definition, and the yardstick of the others.</summary>
    Serial,
}
