namespace Interp;

using System.IO.MemoryMappedFiles;

/// <summary>A file mapped into memory.</summary>
internal sealed class MappedBytes : IByteSource
{
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;

    public MappedBytes(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Length = stream.Length;
        // The system maps no empty file.
        if (Length == 0)
            return;
        map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            view = map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    public long Length { get; }

    /// <remarks>The pointer is held only meanwhile, so that disposal on another thread waits.</remarks>
    public unsafe void Copy(long offset, Span<byte> destination)
    {
        if (view is null)
            return;
        byte* pointer = null;
        var handle = view.SafeMemoryMappedViewHandle;
        handle.AcquirePointer(ref pointer);
        try
        {
            new ReadOnlySpan<byte>(pointer + view.PointerOffset + offset, destination.Length).CopyTo(destination);
        }
        finally
        {
            handle.ReleasePointer();
        }
    }

    public void Dispose()
    {
        view?.Dispose();
        map?.Dispose();
    }
}
