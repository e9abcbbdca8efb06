namespace Interp;

using System.IO.Compression;
using TorchSharp;
using static TorchSharp.torch;

/// <content>Writing.</content>
public sealed partial class PickledTensors
{
    /// <summary>Writes named tensors as a state dictionary that PyTorch's <c>torch.load</c> reads, also with <c>weights_only</c>: whole, or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    /// <param name="tensors">Names and tensors, of any shape, strides and device; they stay the caller's. Each gets a storage of its own.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name, or one has a type that the format lacks.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(tensors);
        var all = tensors.ToArray();
        var pickle = StateDictionaryPickle.Of(all);
        var temporary = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 20))
            {
                WriteZip(stream, pickle, all);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Entries are stored, not compressed: that is the form that PyTorch reads.
    private static void WriteZip(Stream stream, byte[] pickle, (string Name, Tensor Tensor)[] tensors)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        void Add(string name, Action<Stream> write)
        {
            var entry = zip.CreateEntry("archive/" + name, CompressionLevel.NoCompression);
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // equal tensors make equal files
            using var content = entry.Open();
            write(content);
        }
        Add("data.pkl", content => content.Write(pickle));
        for (var i = 0; i < tensors.Length; i++)
        {
            var tensor = tensors[i].Tensor;
            Add($"data/{i}", content => SafetensorsTensors.Write(tensor, content));
        }
        Add("version", content => content.Write("3\n"u8));
    }
}
