using static TorchSharp.torch;

namespace Interp.Native;

/// <summary>Causal attention of many rows that share their prompt's queries, keys and values but for a stretch of positions of their own.</summary>
/// <remarks>
/// One kernel of the native part, on the CPU and without a gradient: what is shared is read where it stands, where libtorch's operators would
/// need a copy of it for every row and thousands of products that are smaller than the call that makes them.
/// </remarks>
public static unsafe class SharedAttention
{
    /// <summary>Whether tensors like this one can be given: float32 or float64 on the CPU.</summary>
    public static bool Takes(Tensor like) => like.device_type == TorchSharp.DeviceType.CPU && like.dtype is ScalarType.Float32 or ScalarType.Float64;

    /// <summary>Computes z of the last positions of every row.</summary>
    /// <param name="z">Where to, [row, query, head, d_head]; its second axis says how many positions.</param>
    /// <param name="shared">What the prompts have, [prompt, pos, head, d_head] for queries and [prompt, pos, kv_head, d_head] for keys and values.</param>
    /// <param name="own">What the rows have instead from <paramref name="start"/> on, [row, stretch, .., d_head]; row r belongs to prompt r modulo the number of prompts.</param>
    /// <param name="start">The first position of the stretch.</param>
    /// <param name="bias">Added to the scores, [1 or head, query, key], -inf where a query must not see a key. Later keys are not seen in any case.</param>
    /// <param name="scale">Scores are multiplied by it.</param>
    /// <param name="cap">Soft cap of the scores, tanh(s / cap) · cap; 0 for none.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Shapes or types do not fit, or a last axis is not dense.</exception>
    public static void Into(
        Tensor z, (Tensor Queries, Tensor Keys, Tensor Values) shared, (Tensor Queries, Tensor Keys, Tensor Values) own, long start, Tensor bias, double scale, double cap)
    {
        var first = stackalloc nint[] { shared.Queries.Handle, shared.Keys.Handle, shared.Values.Handle };
        var second = stackalloc nint[] { own.Queries.Handle, own.Keys.Handle, own.Values.Handle };
        var code = NativeMethods.it_shared_attention(first, second, bias.Handle, start, scale, cap, z.Handle);
        GC.KeepAlive(shared);
        GC.KeepAlive(own);
        GC.KeepAlive(bias);
        GC.KeepAlive(z);
        if (code < 0) NativeError.Throw();
    }
}
