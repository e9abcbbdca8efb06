namespace Interp;

using static TorchSharp.torch;

/// <summary>A name of a function or class, known to be harmless.</summary>
internal sealed record PickleGlobal(string Name)
{
    /// <summary>The element type of a storage class, where it is one.</summary>
    public ScalarType? Storage { get; init; }
}

/// <summary>A dictionary as it was pickled.</summary>
internal sealed class PickleDict
{
    private List<(object? Key, object? Value)>? items;

    public IReadOnlyList<(object? Key, object? Value)> Items => items ?? [];

    public void Add(object? key, object? value) => (items ??= []).Add((key, value));
}

/// <summary>The elements that several tensors may look at.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Its elements' type.</param>
/// <param name="Count">How many elements the pickle says it has.</param>
internal sealed record PickledStorage(string Key, ScalarType Type, long Count);

/// <summary>A view of a storage.</summary>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>The elements of the storage from the first to the last that the view reaches.</summary>
    public long Span { get; init; }

    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);
}
