namespace Interp;

using static TorchSharp.torch;

/// <summary>A file of named tensors, whatever its format.</summary>
internal interface ITensorFile : IDisposable
{
    string Path { get; }

    IReadOnlyList<string> Names { get; }

    bool Contains(string name);

    /// <summary>What a tensor is, in words that all formats share.</summary>
    TensorEntry Describe(string name);

    /// <summary>Some rows of a tensor along its first axis, as they are stored; a new tensor on the CPU.</summary>
    Tensor ReadRows(string name, long start, long count);

    Tensor Read(string name, ScalarType? dtype = null, Device? device = null);
}
