namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What the sources of a run in progress would write otherwise, minus what they write, in the graph's order.</summary>
/// <remarks>Without a graph they go into one buffer, of which targets read the first rows; with a graph they are tensors of their own.</remarks>
internal sealed class WrittenDifferences(int sources, bool graph) : IDisposable
{
    private readonly List<Tensor> tensors = [];
    private Tensor? buffer;
    private int count;

    /// <summary>The first rows of another run's, which this one begins with, [sources, batch, pos, d_model].</summary>
    public void Begin(Tensor rows)
    {
        Room(rows[0]).narrow(0, 0, rows.shape[0]).copy_(rows);
        count = (int)rows.shape[0];
    }

    /// <summary>Adds the next sources, [batch, pos, d_model] each.</summary>
    public void Add(IEnumerable<Tensor> written)
    {
        foreach (var tensor in written)
            if (graph)
                tensors.Add(tensor.DetachFromDisposeScope());
            else
                Room(tensor)[count++].copy_(tensor);
    }

    /// <summary>The first sources, [sources, batch, pos, d_model].</summary>
    public Tensor First(int number) => graph ? stack(tensors.Take(number), 0) : buffer!.narrow(0, 0, number);

    /// <inheritdoc/>
    public void Dispose()
    {
        tensors.ForEach(t => t.Dispose());
        buffer?.Dispose();
    }

    private Tensor Room(Tensor one) => buffer ??= empty([sources, .. one.shape], dtype: one.dtype, device: one.device).DetachFromDisposeScope();
}
