namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Reading into tensors.</content>
public sealed partial class SafetensorsFile
{
    Tensor ITensorFile.ReadRows(string name, long start, long count)
    {
        var entry = Entry(name);
        var stored = Stored(entry);
        var row = entry.ByteCount / Math.Max(entry.Shape[0], 1);
        var rows = empty([count, .. entry.Shape.Skip(1)], dtype: stored, device: CPU);
        SafetensorsTensors.Fill(rows, entry.Type.Size(), (place, part) => CopyTo(name, start * row + place, part));
        return rows;
    }

    /// <summary>Reads a tensor, converted and moved on the way.</summary>
    /// <param name="name">A tensor of F32, F16, BF16, F64, I64, I32, I16, I8, U8 or BOOL.</param>
    /// <param name="dtype">The type wanted; null for the stored one.</param>
    /// <param name="device">Where it goes; null for the CPU.</param>
    /// <returns>A new tensor, which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">The file holds no tensor of that name.</exception>
    /// <exception cref="InvalidDataException">The tensor is stored in a type that is not read, such as an eight-bit float.</exception>
    public Tensor Read(string name, ScalarType? dtype = null, Device? device = null)
    {
        var entry = Entry(name);
        var stored = Stored(entry);
        using var scope = NewDisposeScope();
        var tensor = SafetensorsTensors.Read(this, entry, stored);
        if (dtype is { } wanted && wanted != stored)
            tensor = tensor.to(wanted);
        if (device is not null && device.type != DeviceType.CPU)
            tensor = tensor.to(device);
        return tensor.MoveToOuterDisposeScope();
    }

    private ScalarType Stored(SafetensorsEntry entry) => entry.Type.Torch()
        ?? throw new InvalidDataException($"Tensor '{entry}' of '{Path}' is stored as {entry.Type.WireName()}, which is not read: convert the file to BF16 or F32.");
}
