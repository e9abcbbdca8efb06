namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Rows in one tensor.</summary>
internal sealed class TensorRowStore : RowStore
{
    private readonly Tensor rows;
    private readonly Device home;

    public TensorRowStore(int capacity, Tensor like, Device device)
    {
        home = like.device;
        rows = empty([capacity, like.shape[1]], dtype: like.dtype, device: device).DetachFromDisposeScope();
    }

    public override void Write(long[] places, Tensor source)
    {
        using var scope = NewDisposeScope();
        rows.index_copy_(0, tensor(places, device: rows.device), source.to(rows.device));
    }

    public override Tensor Read(long[] places)
    {
        using var scope = NewDisposeScope();
        return rows.index_select(0, tensor(places, device: rows.device)).to(home).DetachFromDisposeScope();
    }

    public override void Dispose() => rows.Dispose();
}
