namespace Interp;

using System.IO.MemoryMappedFiles;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rows in a file that is mapped into memory, and is gone when this is disposed or the process ends.</summary>
/// <remarks>The file's whole size is claimed when it is made: a full disk is an error then, not a fault in the middle of a write.</remarks>
internal sealed unsafe class FileRowStore : RowStore
{
    private readonly FileStream file;
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;
    private readonly long width;
    private readonly int bytes;
    private readonly ScalarType type;
    private readonly Device home;

    public FileRowStore(string folder, int capacity, Tensor like)
    {
        (width, type, home) = (like.shape[1], like.dtype, like.device);
        bytes = checked((int)(width * like.element_size()));
        var size = (long)capacity * bytes;
        var path = Path.Combine(folder, $"interp-rows-{Guid.NewGuid():N}");
        file = Claim(path, size);
        map = MemoryMappedFile.CreateFromFile(file, null, size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, size, MemoryMappedFileAccess.ReadWrite);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public override void Write(long[] places, Tensor rows)
    {
        using var here = rows.to(CPU);
        using var plain = here.contiguous();
        var source = plain.bytes;
        for (var i = 0; i < places.Length; i++)
            source.Slice(i * bytes, bytes).CopyTo(Row(places[i]));
    }

    public override Tensor Read(long[] places)
    {
        using var plain = empty([places.Length, width], dtype: type).DetachFromDisposeScope();
        var target = plain.bytes;
        for (var i = 0; i < places.Length; i++)
            Row(places[i]).CopyTo(target.Slice(i * bytes, bytes));
        return plain.to(home, copy: true).DetachFromDisposeScope();
    }

    public override void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
        file.Dispose();
    }

    private static FileStream Claim(string path, long size)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose, PreallocationSize = size,
            });
        }
        catch (IOException problem)
        {
            throw new IOException($"The shuffle buffer needs {size:N0} bytes in '{Path.GetDirectoryName(path)}': {problem.Message} Make room, choose another Folder, or set BufferBytes.", problem);
        }
    }

    private Span<byte> Row(long place) => new(start + place * bytes, bytes);
}
