namespace Interp;

/// <summary>Which run is changed and where the values come from.</summary>
public enum Direction
{
    /// <summary>The corrupted run is changed, values come from the clean run: what suffices to bring the behaviour back.</summary>
    Denoising,

    /// <summary>The clean run is changed, values come from the corrupted run: what is needed for the behaviour.</summary>
    Noising,
}
