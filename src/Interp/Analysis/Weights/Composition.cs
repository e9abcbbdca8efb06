namespace Interp;

/// <summary>Through which input a later head may read what an earlier head wrote.</summary>
public enum Composition
{
    /// <summary>Through its queries.</summary>
    Query,

    /// <summary>Through its keys.</summary>
    Key,

    /// <summary>Through its values.</summary>
    Value,
}
