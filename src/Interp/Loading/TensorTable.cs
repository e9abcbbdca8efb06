namespace Interp;

using System.Collections;
using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

/// <summary>Tensors by name, freed together.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class TensorTable : IReadOnlyDictionary<string, Tensor>, IDisposable
{
    private readonly List<string> order = [];
    private readonly Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);

    /// <summary>The names, in the order in which they were added.</summary>
    public IEnumerable<string> Keys => order;

    /// <summary>The tensors, in the same order.</summary>
    public IEnumerable<Tensor> Values => order.Select(name => tensors[name]);

    /// <summary>How many there are.</summary>
    public int Count => order.Count;

    /// <summary>The tensor of a name; it belongs to the table.</summary>
    /// <param name="key">The name.</param>
    /// <exception cref="KeyNotFoundException">There is none; the message names the nearest.</exception>
    public Tensor this[string key] => tensors.TryGetValue(key, out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"There is no tensor '{key}' among {Count}.{NearestName.Hint(key, order)}");

    /// <summary>Whether there is a tensor of this name.</summary>
    /// <param name="key">The name.</param>
    public bool ContainsKey(string key) => tensors.ContainsKey(key);

    /// <summary>The tensor of a name, where there is one.</summary>
    /// <param name="key">The name.</param>
    /// <param name="value">The tensor, or null.</param>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => tensors.TryGetValue(key, out value);

    /// <summary>Names and tensors in order.</summary>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() =>
        order.Select(name => KeyValuePair.Create(name, tensors[name])).GetEnumerator();

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
            tensor.Dispose();
    }

    /// <summary>How many tensors there are.</summary>
    public override string ToString() => $"{Count} tensors";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(string name, Tensor tensor)
    {
        tensors.Add(name, tensor);
        order.Add(name);
    }
}
