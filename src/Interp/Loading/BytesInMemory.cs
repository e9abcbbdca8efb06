namespace Interp;

/// <summary>Bytes that are in memory already.</summary>
internal sealed class BytesInMemory(ReadOnlyMemory<byte> content) : IByteSource
{
    public long Length => content.Length;

    public void Copy(long offset, Span<byte> destination) => content.Span.Slice((int)offset, destination.Length).CopyTo(destination);

    public void Dispose()
    {
    }
}
