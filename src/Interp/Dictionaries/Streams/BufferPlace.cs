namespace Interp;

/// <summary>Where a shuffle buffer is kept.</summary>
public enum BufferPlace
{
    /// <summary>On the model's device.</summary>
    Device,

    /// <summary>In the computer's memory.</summary>
    Memory,

    /// <summary>In a file that is mapped into memory and deleted afterwards; its whole size is claimed at once.</summary>
    Disk,
}
