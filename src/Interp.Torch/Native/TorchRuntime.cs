using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Interp.Native;

/// <summary>The libtorch that answers: where it is, what computes its matrix products, its threads and its memory.</summary>
public static unsafe class TorchRuntime
{
    private static bool Quiet => Environment.GetEnvironmentVariable("INTERP_QUIET") == "1";

    /// <summary>The version of the libtorch in use, e.g. "1.13.1".</summary>
    public static string LibTorchVersion => Loaded.Version;

    /// <summary>The folder of its libraries.</summary>
    public static string LibTorchPath => Loaded.Lib;

    /// <summary>How it was found: INTERP_LIBTORCH, an installed PyTorch or the system.</summary>
    public static string LibTorchOrigin => Loaded.Origin;

    /// <summary>The shim that binds it.</summary>
    public static string ShimPath { get { _ = Loaded; return Loader.ShimPath!; } }

    /// <summary>libtorch's own description of its build.</summary>
    public static string BuildConfiguration { get { _ = Loaded; return Text(NativeMethods.it_show_config()); } }

    /// <summary>The BLAS library, with its kernel where it tells: e.g. "OpenBLAS 0.3.21 (openmp), kernel SkylakeX".</summary>
    public static string Blas { get { _ = Loaded; return BlasInfo.Current.Description; } }

    /// <summary>What would make matrix products faster on this machine; null when nothing is known to.</summary>
    public static string? BlasAdvice { get { _ = Loaded; return BlasInfo.Current.Advice; } }

    /// <summary>Threads inside an operator.</summary>
    public static int Threads
    {
        get => NativeMethods.it_threads();
        set { if (NativeMethods.it_set_threads(value) < 0) NativeError.Throw(); }
    }

    /// <summary>Bytes that live CPU tensors hold.</summary>
    public static long CpuLiveBytes => NativeMethods.it_allocator_stat(0);

    /// <summary>Memory blocks that live CPU tensors hold; views share their base's block.</summary>
    public static long CpuLiveBlocks => NativeMethods.it_allocator_stat(1);

    /// <summary>The most bytes held at once since the start or <see cref="ResetPeak"/>.</summary>
    public static long CpuPeakBytes => NativeMethods.it_allocator_stat(2);

    /// <summary>Bytes of freed blocks kept for reuse.</summary>
    public static long CpuCachedBytes => NativeMethods.it_allocator_stat(3);

    /// <summary>The most bytes kept for reuse; INTERP_CPU_CACHE_MB sets it at start.</summary>
    public static long CpuCacheLimit => NativeMethods.it_allocator_stat(4);

    /// <summary>Tensor objects not yet disposed or finalized, in all threads.</summary>
    public static long LiveTensors => TorchSharp.torch.Tensor.TotalCount;

    /// <summary>
    /// How often a call had to wait for the device because the host read its memory: item, copies between devices, mask indexing, nonzero ...
    /// </summary>
    public static long HostSynchronisations => NativeMethods.it_host_syncs();

    /// <summary>Whether matrix products of float32 on CUDA may use TF32.</summary>
    public static bool AllowTf32
    {
        get => NativeMethods.it_allow_tf32(-1) > 0;
        set => NativeMethods.it_allow_tf32(value ? 1 : 0);
    }

    /// <summary>Starts <see cref="CpuPeakBytes"/> anew from what is held now.</summary>
    public static void ResetPeak() => NativeMethods.it_reset_peak();

    /// <summary>Gives the memory kept for reuse back to the system.</summary>
    /// <returns>The bytes given back.</returns>
    public static long EmptyCache() => NativeMethods.it_empty_cache();

    private static LibTorch Loaded
    {
        get
        {
            _ = NativeMethods.it_abi();
            return Loader.Found!;
        }
    }

    internal static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";

    internal static void Say(string line)
    {
        if (!Quiet) Console.Error.WriteLine($"Interp: {line}");
    }

    internal static void SayBlas(LibTorch torch)
    {
        if (Quiet) return;
        var blas = BlasInfo.Current;
        Say($"libtorch {torch.Version} from {torch.Lib}; matrix products by {blas.Description}{(blas.Advice is { } advice ? $". Faster: {advice}" : "")}");
    }
}
