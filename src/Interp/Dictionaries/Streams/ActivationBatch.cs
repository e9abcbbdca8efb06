namespace Interp;

using TorchSharp;

/// <summary>Rows of activations to learn from, at one hook point or several. It owns them; dispose it when done.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ActivationBatch : IDisposable
{
    private readonly HookName[] names;
    private readonly torch.Tensor[] rows;

    internal ActivationBatch(HookName[] names, torch.Tensor[] rows) => (this.names, this.rows) = (names, rows);

    /// <summary>What stands at the stream's first hook point, [rows, d].</summary>
    public torch.Tensor Input => rows[0];

    /// <summary>What stands at the stream's last hook point, [rows, d]; the input itself where there is only one.</summary>
    public torch.Tensor Target => rows[^1];

    /// <summary>How many rows there are.</summary>
    public long Rows => rows[0].shape[0];

    /// <summary>What stands at a hook point, [rows, d].</summary>
    /// <param name="name">One of the stream's.</param>
    /// <exception cref="KeyNotFoundException">The stream does not have it.</exception>
    public torch.Tensor this[HookName name] => Array.IndexOf(names, name) is var i and >= 0
        ? rows[i]
        : throw new KeyNotFoundException($"The stream has no rows at {name}. It has: {string.Join(", ", names.Select(n => n.ToString()))}.");

    /// <summary>Frees the rows.</summary>
    public void Dispose()
    {
        foreach (var tensor in rows)
            tensor.Dispose();
    }

    /// <summary>How many rows, of which hook points.</summary>
    public override string ToString() => $"{Rows} rows of {string.Join(" and ", names)}";
}
