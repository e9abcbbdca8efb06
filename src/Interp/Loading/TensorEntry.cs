namespace Interp;

using static TorchSharp.torch;

/// <summary>What one tensor of a file is.</summary>
/// <param name="Name">The tensor's name; what lies inside nested dictionaries is named by the keys that lead to it, joined by full stops.</param>
/// <param name="Type">Its elements' type; null where torch has none that is read, such as an eight-bit float.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record TensorEntry(string Name, ScalarType? Type, IReadOnlyList<long> Shape)
{
    /// <summary>Name, type and shape, as in <c>state_dict.W_enc Float32 [768, 24576]</c>.</summary>
    public override string ToString() => $"{Name} {Type?.ToString() ?? "of a type that is not read"} [{string.Join(", ", Shape)}]";
}
