namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>
/// Tensors and plain values of a file that PyTorch's <c>torch.save</c> wrote (<c>.pt</c>, <c>.pth</c>, <c>.bin</c>): a tensor, a state dictionary, or lists and
/// dictionaries of such, nested as they may be. Nothing in the file is run: a name of anything else than tensors and plain values is refused.
/// </summary>
/// <remarks>
/// What lies inside others is named by the keys that lead to it, joined by full stops: <c>state_dict.W_enc</c>, <c>layers.0</c>; a file that is one tensor or one number
/// calls it <c>value</c>. The zip form is read in place through a memory map, and so is the form before PyTorch 1.6. Safe to read from several threads. Source: PyTorch's
/// <c>serialization.py</c>; what may be named is a part of what its <c>weights_only</c> allows.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class PickledTensors : ITensorFile
{
    /// <summary>A view that repeats elements may be this many times larger than the file.</summary>
    private const long MostRepeating = 16;

    private readonly IByteSource source;
    private readonly PickledLayout layout;
    private readonly Dictionary<string, PickledTensor> tensors = new(StringComparer.Ordinal);
    private volatile bool closed;

    private PickledTensors(string path, IByteSource source)
    {
        (Path, this.source) = (path, source);
        layout = PickledLayout.Read(source, path);
        var contents = new PickleContents(path, layout.Root, layout.PickleBytes);
        foreach (var (name, tensor) in contents.Tensors)
            tensors.Add(name, tensor);
        Names = [.. contents.Tensors.Select(pair => pair.Key)];
        Values = contents.Values;
        CheckStorages();
    }

    /// <summary>The file's path as it was given; for bytes in memory the name they were given.</summary>
    public string Path { get; }

    /// <summary>The names of the tensors, in the order of the file.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What is not a tensor, by name: <c>long</c>, <c>BigInteger</c>, <c>double</c>, <c>bool</c>, <c>string</c>, <c>byte[]</c> or null. Types and devices of torch are texts.</summary>
    public IReadOnlyDictionary<string, object?> Values { get; }

    /// <summary>Opens a file; its tensors are read when they are asked for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, is no file of <c>torch.save</c>, or names something that Python would run.</exception>
    public static PickledTensors Open(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        var source = new MappedBytes(path);
        try
        {
            return new PickledTensors(path, source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that is in memory.</summary>
    /// <param name="content">The whole file; it must not change afterwards.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidDataException">As for a file on disk.</exception>
    public static PickledTensors Open(ReadOnlyMemory<byte> content, string name) => new(name, new BytesInMemory(content));

    /// <summary>Whether there is a tensor of this name.</summary>
    /// <param name="name">The tensor's name.</param>
    public bool Contains(string name) => tensors.ContainsKey(name);

    /// <summary>What a tensor is.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name; the message names the nearest.</exception>
    public TensorEntry Entry(string name)
    {
        var tensor = Find(name);
        return new TensorEntry(name, tensor.Storage.Type, Array.AsReadOnly(tensor.Shape));
    }

    /// <summary>Reads a tensor, converted and moved on the way.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dtype">The type wanted; null for the stored one.</param>
    /// <param name="device">Where it goes; null for the CPU.</param>
    /// <returns>A new tensor, contiguous, which the caller disposes; tensors that share a storage in the file share none here.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    /// <exception cref="InvalidDataException">The tensor repeats its elements until it is far larger than the file.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        using var scope = NewDisposeScope();
        var result = Elements(name, Find(name));
        if (dtype is { } wanted && wanted != result.dtype)
            result = result.to(wanted);
        if (device is not null && device.type != DeviceType.CPU)
            result = result.to(device);
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Ends the mapping; what has been read stays valid.</summary>
    public void Dispose()
    {
        closed = true;
        source.Dispose();
    }

    /// <summary>The file's name and what it holds, as in <c>model.pt: 12 tensors, 3 values</c>.</summary>
    public override string ToString() => $"{System.IO.Path.GetFileName(Path)}: {Names.Count} tensors, {Values.Count} values";

    TensorEntry ITensorFile.Describe(string name) => Entry(name);

    Tensor ITensorFile.ReadRows(string name, long start, long count)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        using var scope = NewDisposeScope();
        var tensor = Find(name);
        // A row-major view of some rows; of any other view the whole is read and cut.
        var part = Row(tensor) && tensor.Count > 0
            ? Elements(name, tensor with { Offset = tensor.Offset + start * tensor.Strides[0], Shape = [count, .. tensor.Shape[1..]], Span = count * tensor.Count / tensor.Shape[0] })
            : Elements(name, tensor).narrow(0, start, count).clone();
        return part.MoveToOuterDisposeScope();
    }

    private Tensor Elements(string name, PickledTensor tensor)
    {
        var size = PickleGlobals.SizeOf(tensor.Storage.Type);
        if (tensor.Count > MostRepeating * Math.Max(source.Length, 4096) / size)
            throw new InvalidDataException($"Tensor '{Entry(name)}' of '{Path}' repeats {tensor.Span:N0} stored elements until they are {tensor.Count:N0}, far more than the file's {source.Length:N0} bytes: save it contiguous.");
        var (bytes, start) = layout.Find(tensor.Storage);
        var span = empty([tensor.Span], dtype: tensor.Storage.Type, device: CPU);
        SafetensorsTensors.Fill(span, size, (place, part) => bytes.Copy(start + tensor.Offset * size + place, part));
        return tensor.Count == 0 ? span.reshape(tensor.Shape) : Row(tensor) ? span.view(tensor.Shape) : span.as_strided(tensor.Shape, tensor.Strides).contiguous();
    }

    /// <summary>Whether the elements lie in row-major order without gaps.</summary>
    private static bool Row(PickledTensor tensor)
    {
        var expected = 1L;
        for (var axis = tensor.Shape.Length - 1; axis >= 0; axis--)
        {
            if (tensor.Shape[axis] != 1 && tensor.Strides[axis] != expected)
                return false;
            expected *= tensor.Shape[axis];
        }
        return true;
    }

    private void CheckStorages()
    {
        foreach (var storage in tensors.Values.Select(tensor => tensor.Storage).Distinct())
            layout.Check(storage);
    }

    private PickledTensor Find(string name) => tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"Pickled file '{Path}' has no tensor '{name}' among its {Names.Count}.{NearestName.Hint(name, Names)}");
}
