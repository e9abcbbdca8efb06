namespace Interp;

/// <summary>A patch as the residual stream meets it.</summary>
/// <param name="Cell">The experiment.</param>
/// <param name="Enters">Where in its block the change reaches the stream.</param>
/// <param name="Start">The first position that changes.</param>
/// <param name="Single">Whether the stream changes at that one position only.</param>
internal sealed record StreamPatch(PatchCell Cell, StreamPoint Enters, int Start, bool Single)
{
    /// <summary>The block.</summary>
    public int Layer => Cell.Layer;
}

/// <summary>The points of a block at which the stream can be entered.</summary>
internal enum StreamPoint
{
    /// <summary>Before the block.</summary>
    Before,

    /// <summary>Between attention and MLP.</summary>
    Middle,

    /// <summary>After the block.</summary>
    After,
}
