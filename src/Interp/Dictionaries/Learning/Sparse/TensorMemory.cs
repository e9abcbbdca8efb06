namespace Interp;

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

/// <summary>The memory of tensors on the CPU, for loops that libtorch has no operator for.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Whether <see cref="Floats"/> may be asked.</summary>
    public static bool IsPlain(Tensor tensor) => tensor.device.type == TorchSharp.DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();

    /// <summary>The first element of a contiguous float32 tensor on the CPU, which must be kept alive meanwhile.</summary>
    public static float* Floats(Tensor tensor)
    {
        // One element: a span of a large tensor's bytes would be too long for its length.
        using var first = tensor.view(-1).narrow(0, 0, 1);
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
