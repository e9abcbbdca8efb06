namespace Interp.Extending;

using static TorchSharp.torch;

/// <summary>Reads a checkpoint's tensors in the type and on the device of the model, and remembers which were read.</summary>
/// <remarks>Every tensor it returns is new. Tensors that a family makes and does not return are freed after loading.</remarks>
public sealed class WeightReader
{
    /// <summary>The elements that are transposed at once: few enough for the processor's cache.</summary>
    private const long PartElements = 1 << 18;

    private readonly Checkpoint checkpoint;
    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    internal WeightReader(Checkpoint checkpoint, ScalarType dtype, Device device)
    {
        this.checkpoint = checkpoint;
        DType = dtype;
        Device = device;
    }

    /// <summary>The type of the model's weights.</summary>
    public ScalarType DType { get; }

    /// <summary>Where the model's weights go.</summary>
    public Device Device { get; }

    /// <summary>The tensors that were not read so far.</summary>
    public IEnumerable<string> Unread => checkpoint.Names.Where(name => !read.Contains(name));

    /// <summary>Whether the checkpoint has a tensor of this name.</summary>
    /// <param name="name">The tensor's name.</param>
    public bool Contains(string name) => checkpoint.Contains(name);

    /// <summary>Reads one tensor as it is stored.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The shape that the configuration prescribes.</param>
    /// <exception cref="InvalidDataException">The tensor is absent or has another shape.</exception>
    public Tensor Read(string name, params ReadOnlySpan<long> shape)
    {
        read.Add(name);
        return checkpoint.Read(name, shape, DType, Device);
    }

    /// <summary>Reads one tensor in the model's type, or in float32 where that is shorter: for arithmetic before the weights are stored.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The shape that the configuration prescribes.</param>
    /// <exception cref="InvalidDataException">The tensor is absent or has another shape.</exception>
    public Tensor ReadWide(string name, params ReadOnlySpan<long> shape)
    {
        read.Add(name);
        return checkpoint.Read(name, shape, DType == ScalarType.Float64 ? DType : ScalarType.Float32, Device);
    }

    /// <summary>Reads one tensor, or gives null where the checkpoint lacks it.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The shape that the configuration prescribes.</param>
    /// <exception cref="InvalidDataException">The tensor has another shape.</exception>
    public Tensor? ReadIfPresent(string name, params ReadOnlySpan<long> shape) => Contains(name) ? Read(name, shape) : null;

    /// <summary>Reads matrices stored as [out, in], as PyTorch's linear layers keep them, transposes them and puts them side by side.</summary>
    /// <param name="inputs">The width that all of them read.</param>
    /// <param name="parts">Their names and the widths that they write.</param>
    /// <returns>[in, sum of out].</returns>
    /// <exception cref="InvalidDataException">A tensor is absent or has another shape.</exception>
    public Tensor Linear(long inputs, params IReadOnlyList<(string Name, long Outputs)> parts)
    {
        foreach (var (name, outputs) in parts)
        {
            read.Add(name);
            checkpoint.CheckShape(name, [outputs, inputs]);
        }
        using var scope = NewDisposeScope();
        var fused = empty([inputs, parts.Sum(part => part.Outputs)], dtype: DType, device: Device); // [in, sum of out]
        var column = 0L;
        foreach (var (name, outputs) in parts)
        {
            CopyTransposed(name, outputs, inputs, fused.narrow(1, column, outputs));
            column += outputs;
        }
        return fused.MoveToOuterDisposeScope();
    }

    /// <summary>What it reads, as what.</summary>
    public override string ToString() => $"{checkpoint}, read as {DType} on {Device}";

    // Converted and transposed part by part straight into the fused matrix: nothing of its size lives beside it.
    private void CopyTransposed(string name, long outputs, long inputs, Tensor place)
    {
        var rows = Math.Max(1, PartElements / Math.Max(inputs, 1));
        for (var start = 0L; start < outputs; start += rows)
        {
            using var scope = NewDisposeScope();
            var part = checkpoint.ReadRows(name, start, Math.Min(rows, outputs - start)); // [some of out, in]
            place.narrow(1, start, part.shape[0]).copy_(part.t());
        }
    }

    /// <summary>Reads vectors and puts them one behind the other.</summary>
    /// <param name="parts">Their names and lengths.</param>
    /// <exception cref="InvalidDataException">A tensor is absent or has another shape.</exception>
    public Tensor Vectors(params IReadOnlyList<(string Name, long Length)> parts)
    {
        using var scope = NewDisposeScope();
        return cat([.. parts.Select(part => Read(part.Name, part.Length))], 0).MoveToOuterDisposeScope();
    }

    /// <summary>Reads a norm.</summary>
    /// <param name="width">The width it normalises.</param>
    /// <param name="gain">The name of its gain.</param>
    /// <param name="bias">The name of its bias, or null where it has none.</param>
    /// <exception cref="InvalidDataException">A tensor is absent or has another shape.</exception>
    public NormWeights Norm(long width, string gain, string? bias = null) =>
        new() { Gain = Read(gain, width), Bias = bias is null ? null : Read(bias, width) };
}
