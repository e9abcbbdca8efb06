namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rows in random order, in places that are used again.</summary>
/// <remarks>
/// Batches that a resumed training has seen are gone through without rows: only whose they are is written down. When the first new batch is
/// due, the prompts whose rows are then in the buffer are run once more. All others have passed for good.
/// </remarks>
internal sealed class ShuffleBuffer : IDisposable
{
    private readonly Generator generator;
    private readonly int capacity;
    private readonly RowStore store;
    private readonly Func<RunInput, Tensor> run;
    private readonly long[] held;
    private readonly Stack<long> free;
    private readonly (int Prompt, int Row)[] origins;
    private readonly Dictionary<int, RunInput> prompts = [];
    private long skip;
    private int count;

    /// <summary>An empty buffer.</summary>
    /// <param name="capacity">Rows it holds.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="skip">Batches that are not wanted.</param>
    /// <param name="store">Where rows are kept; it becomes the buffer's own.</param>
    /// <param name="run">Gives a prompt's rows.</param>
    public ShuffleBuffer(int capacity, ulong seed, long skip, RowStore store, Func<RunInput, Tensor> run)
    {
        (this.capacity, this.skip, this.store, this.run) = (capacity, skip, store, run);
        (generator, held, free) = (new Generator(seed, CPU), new long[capacity], new Stack<long>(Enumerable.Range(0, capacity).Select(i => (long)capacity - 1 - i)));
        origins = skip > 0 ? new (int, int)[capacity] : [];
    }

    public bool IsFull => count == capacity;

    /// <summary>Takes as many of a prompt's rows as there is room for, from one of them on, and says how many.</summary>
    public long Add(PromptRows source, long from)
    {
        var places = new long[Math.Min(free.Count, source.Count - from)];
        for (var i = 0; i < places.Length; i++)
        {
            held[count++] = places[i] = free.Pop();
            if (skip > 0)
                origins[places[i]] = (source.Number, (int)from + i);
        }
        if (skip > 0)
            prompts[source.Number] = source.Prompt;
        else if (places.Length > 0)
            Write(places, source.Rows, from);
        return places.Length;
    }

    /// <summary>Whole batches of the shuffled rows, the caller's; half of the rows stay, or less than a batch.</summary>
    public IEnumerable<Tensor> Serve(int batch, bool keepHalf)
    {
        Mix();
        for (var served = (count - (keepHalf ? capacity / 2 : 0)) / batch; served > 0; served--)
        {
            var places = held[(count - batch)..count];
            if (skip == 0)
            {
                Restore();
                yield return store.Read(places);
            }
            else
                skip--;
            count -= batch;
            foreach (var place in places)
                free.Push(place);
        }
        if (skip > 0)
            Forget();
        else
            Restore();
    }

    public void Dispose()
    {
        generator.Dispose();
        store.Dispose();
    }

    private void Write(long[] places, Tensor rows, long from)
    {
        using var part = rows.narrow(0, from, places.Length);
        store.Write(places, part);
    }

    private void Mix()
    {
        using var scope = NewDisposeScope();
        var order = randperm(count, dtype: ScalarType.Int64, generator: generator).data<long>().ToArray();
        var mixed = order.Select(i => held[i]).ToArray();
        mixed.CopyTo(held, 0);
    }

    // Prompts of which no row is left need not be kept.
    private void Forget()
    {
        var needed = held.Take(count).Select(place => origins[place].Prompt).ToHashSet();
        foreach (var number in prompts.Keys.Where(number => !needed.Contains(number)).ToArray())
            prompts.Remove(number);
    }

    private void Restore()
    {
        if (prompts.Count == 0)
            return;
        foreach (var group in held.Take(count).GroupBy(place => origins[place].Prompt).OrderBy(group => group.Key))
        {
            using var scope = NewDisposeScope();
            long[] places = [.. group];
            var rows = run(prompts[group.Key]);
            store.Write(places, rows.index_select(0, tensor(places.Select(place => (long)origins[place].Row).ToArray(), device: rows.device)));
        }
        prompts.Clear();
    }
}
