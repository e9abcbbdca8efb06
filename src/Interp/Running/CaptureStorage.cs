namespace Interp;

/// <summary>Where captured activations are kept.</summary>
public sealed record CaptureStorage
{
    private CaptureStorage(string kind, string? folder = null) => (Kind, Folder) = (kind, folder);

    /// <summary>On the model's device.</summary>
    public static CaptureStorage Device { get; } = new("device");

    /// <summary>In main memory.</summary>
    public static CaptureStorage Cpu { get; } = new("cpu");

    /// <summary>The folder, for captures on disk.</summary>
    public string? Folder { get; }

    internal string Kind { get; }

    /// <summary>In files of a folder, each read at its first use and deleted with the cache.</summary>
    public static CaptureStorage Disk(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return new CaptureStorage("disk", folder);
    }
}
