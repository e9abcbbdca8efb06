namespace Interp;

using static TorchSharp.torch;

/// <summary>Room for rows by number.</summary>
internal abstract class RowStore : IDisposable
{
    /// <summary>Room for rows like an example's, where the options say.</summary>
    public static RowStore Make(ActivationStreamOptions options, int capacity, Tensor like) => options.Place switch
    {
        BufferPlace.Disk => new FileRowStore(options.Folder ?? Path.GetTempPath(), capacity, like),
        BufferPlace.Memory => new TensorRowStore(capacity, like, CPU),
        _ => new TensorRowStore(capacity, like, like.device),
    };

    /// <summary>Puts rows, [n, d], where they shall stand.</summary>
    public abstract void Write(long[] places, Tensor rows);

    /// <summary>The rows that stand there, [n, d], on the device they came from; the caller's.</summary>
    public abstract Tensor Read(long[] places);

    public abstract void Dispose();
}
