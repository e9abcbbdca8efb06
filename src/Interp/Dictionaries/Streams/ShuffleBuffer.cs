namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rows in random order.</summary>
internal sealed class ShuffleBuffer(int capacity, ulong seed) : IDisposable
{
    private readonly Generator generator = new(seed, CPU);
    private readonly List<Tensor> parts = [];
    private long held;

    public bool IsFull => held >= capacity;

    /// <summary>Takes rows over, [rows, d].</summary>
    public void Add(Tensor rows)
    {
        parts.Add(rows.DetachFromDisposeScope());
        held += rows.shape[0];
    }

    /// <summary>Whole batches of the shuffled rows, the caller's; half of the rows stay, or less than a batch.</summary>
    public IEnumerable<Tensor> Serve(int batch, bool keepHalf)
    {
        if (held < batch)
            yield break;
        var mixed = Mix();
        try
        {
            var served = (held - (keepHalf ? capacity / 2 : 0)) / batch;
            for (var i = 0L; i < served; i++)
                yield return mixed.narrow(0, i * batch, batch).clone().DetachFromDisposeScope();
            var rest = mixed.narrow(0, served * batch, held - served * batch).clone().DetachFromDisposeScope();
            held = rest.shape[0];
            parts.Add(rest);
        }
        finally
        {
            mixed.Dispose();
        }
    }

    public void Dispose()
    {
        generator.Dispose();
        parts.ForEach(part => part.Dispose());
    }

    private Tensor Mix()
    {
        using var scope = NewDisposeScope();
        var all = cat(parts, 0); // [held, d]
        var order = randperm(held, dtype: ScalarType.Int64, generator: generator).to(all.device);
        parts.ForEach(part => part.Dispose());
        parts.Clear();
        return all.index_select(0, order).DetachFromDisposeScope();
    }
}
