namespace Interp;

/// <summary>What a repository of the hub holds.</summary>
public enum HubKind
{
    /// <summary>A model.</summary>
    Model,

    /// <summary>A data set.</summary>
    Dataset,

    /// <summary>A program that runs on the hub; some keep weights beside it.</summary>
    Space,
}
