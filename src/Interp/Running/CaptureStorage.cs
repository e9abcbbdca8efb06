namespace Interp;

/// <summary>Where captured activations are kept.</summary>
public sealed record CaptureStorage
{
    private CaptureStorage(string kind) => Kind = kind;

    /// <summary>On the model's device.</summary>
    public static CaptureStorage Device { get; } = new("device");

    /// <summary>In main memory.</summary>
    public static CaptureStorage Cpu { get; } = new("cpu");

    internal string Kind { get; }
}
