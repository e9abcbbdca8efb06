namespace Interp;

using static TorchSharp.torch;

/// <content>Reading tensors of a known shape.</content>
public sealed partial class Checkpoint
{
    /// <summary>Reads a tensor whose shape the model's configuration prescribes.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">The shape it must have.</param>
    /// <param name="dtype">The type wanted; null for the stored one.</param>
    /// <param name="device">Where it goes; null for the CPU.</param>
    /// <returns>A new tensor, which the caller disposes.</returns>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has another shape.</exception>
    public Tensor Read(string name, ReadOnlySpan<long> shape, ScalarType? dtype = null, Device? device = null)
    {
        CheckShape(name, shape);
        return Owner(name).Read(name, dtype, device);
    }

    /// <summary>Some rows of a tensor that has been checked, as they are stored.</summary>
    internal Tensor ReadRows(string name, long start, long count) => Owner(name).ReadRows(name, start, count);

    /// <exception cref="InvalidDataException">There is no such tensor, or it has another shape.</exception>
    internal void CheckShape(string name, ReadOnlySpan<long> shape)
    {
        var entry = Entry(name);
        if (!shape.SequenceEqual([.. entry.Shape]))
            throw new InvalidDataException(
                $"Tensor '{name}' of checkpoint '{Path}' has shape [{string.Join(", ", entry.Shape)}], and its configuration asks for [{string.Join(", ", shape.ToArray())}]: configuration and weights are not of the same model.");
    }
}
