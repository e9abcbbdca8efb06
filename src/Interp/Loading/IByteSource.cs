namespace Interp;

/// <summary>Bytes that can be copied out from any place, by several threads at once.</summary>
internal interface IByteSource : IDisposable
{
    long Length { get; }

    /// <summary>Fills the destination from the given place on; the caller has checked the bounds.</summary>
    /// <exception cref="ObjectDisposedException">The source has been closed.</exception>
    void Copy(long offset, Span<byte> destination);
}
