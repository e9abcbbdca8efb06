namespace Interp;

/// <summary>Where one tensor lies in a safetensors file, and what it is.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">How its elements are stored.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Offset">Its first byte, counted from the beginning of the file.</param>
/// <param name="ByteCount">Its length in bytes.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Offset, long ByteCount)
{
    /// <summary>The number of its elements.</summary>
    public long Count => ByteCount / Type.Size();

    /// <summary>Name, type and shape, as in <c>h.0.attn.c_attn.weight F32 [768, 2304]</c>.</summary>
    public override string ToString() => $"{Name} {Type.WireName()} [{string.Join(", ", Shape)}]";
}
