namespace Interp;

using static TorchSharp.torch;

/// <summary>Large tensors some rows at a time, so that what is computed of them on the way stays small.</summary>
internal static class RowBlocks
{
    // 4 MB of float32; on a device a call costs more than memory does.
    private const long OnCpu = 1 << 20;
    private const long OnDevice = 1 << 23;

    /// <summary>First row and number of rows of each block; one block where the tensor is small or has no rows.</summary>
    /// <param name="tensor">Its first axis is cut.</param>
    public static IEnumerable<(long First, long Count)> Of(Tensor tensor)
    {
        var most = tensor.device.type == TorchSharp.DeviceType.CPU ? OnCpu : OnDevice;
        var rows = tensor.dim() == 0 ? 1 : tensor.shape[0];
        var each = tensor.numel() <= most ? rows : Math.Max(1, most * rows / tensor.numel());
        for (var first = 0L; first < rows; first += each)
            yield return (first, Math.Min(each, rows - first));
    }

    /// <summary>Does something with each block of several tensors of equal first axis; what it makes is freed behind it.</summary>
    /// <param name="tensors">The first says how large blocks are. Those that are one block are handed over as they are.</param>
    /// <param name="act">Told the blocks, views that may be written to.</param>
    public static void Each(Tensor[] tensors, Action<Tensor[]> act)
    {
        foreach (var (first, count) in Of(tensors[0]))
        {
            using var scope = NewDisposeScope();
            act(tensors[0].dim() == 0 || count == tensors[0].shape[0] ? tensors : [.. tensors.Select(t => t.narrow(0, first, count))]);
        }
    }
}
