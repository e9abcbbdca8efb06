namespace Interp;

using static TorchSharp.torch;

/// <summary>Writes safetensors files.</summary>
public static class Safetensors
{
    /// <summary>Writes named tensors to a file: whole, or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    /// <param name="tensors">Names and tensors, of any shape, strides and device; they stay the caller's.</param>
    /// <param name="metadata">Free text by key, or null.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name, or one has a type that the format lacks.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var writer = new SafetensorsWriter();
        foreach (var (name, tensor) in tensors)
            writer.Add(name, SafetensorsTensors.Stored(tensor.dtype), tensor.shape, stream => SafetensorsTensors.Write(tensor, stream));
        writer.Save(path, metadata);
    }
}
