namespace Interp;

/// <summary>How the activations of several positions become one row of features.</summary>
public enum Pooling
{
    /// <summary>There is one position per prompt; several are an error.</summary>
    None,

    /// <summary>The mean over the positions.</summary>
    Mean,

    /// <summary>The largest value of each feature.</summary>
    Max,

    /// <summary>The first position.</summary>
    First,

    /// <summary>The last position.</summary>
    Last,
}
