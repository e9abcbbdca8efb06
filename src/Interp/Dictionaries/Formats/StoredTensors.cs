namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The tensors of a dictionary's file while the dictionary is put together; they belong to the current dispose scope.</summary>
/// <param name="path">What errors call the file.</param>
/// <param name="names">What the file holds.</param>
/// <param name="read">Reads one of them.</param>
internal sealed class StoredTensors(string path, IReadOnlyCollection<string> names, Func<string, Tensor> read)
{
    public bool Contains(string name) => names.Contains(name);

    /// <summary>A tensor.</summary>
    /// <exception cref="InvalidDataException">The file does not hold it.</exception>
    public Tensor this[string name] => Contains(name)
        ? read(name)
        : throw new InvalidDataException($"'{path}' has no tensor '{name}', which this kind of dictionary needs. It has: {string.Join(", ", names)}.");

    /// <summary>A tensor with its two axes exchanged.</summary>
    public Tensor Transposed(string name) => this[name] is { } tensor && tensor.dim() == 2
        ? tensor.t().contiguous()
        : throw new InvalidDataException($"'{path}': '{name}' is no matrix.");

    /// <summary>The dictionary; its weights leave the scope.</summary>
    /// <exception cref="InvalidDataException">The parts do not fit together.</exception>
    public SparseDictionary Assemble(DictionaryConfig config, DictionaryWeights weights, double? threshold = null)
    {
        try
        {
            var dictionary = SparseDictionary.Create(config, weights, threshold);
            foreach (var (_, tensor) in weights.Named())
                tensor.DetachFromDisposeScope();
            return dictionary;
        }
        catch (ArgumentException problem)
        {
            throw new InvalidDataException($"'{path}' holds no whole dictionary: {problem.Message}", problem);
        }
    }
}
