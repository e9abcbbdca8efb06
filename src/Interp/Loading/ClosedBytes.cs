namespace Interp;

/// <summary>What stands where a source has been closed.</summary>
internal sealed class ClosedBytes : IByteSource
{
    private ClosedBytes()
    {
    }

    public static ClosedBytes Instance { get; } = new();

    public long Length => 0;

    public void Copy(long offset, Span<byte> destination) =>
        throw new ObjectDisposedException(nameof(SafetensorsFile), "This safetensors file has been closed: read before disposing it, or open it again.");

    public void Dispose()
    {
    }
}
