namespace Interp.Native;

/// <summary>
/// The collector does not see native memory. The CPU allocator raises a flag when much more is held than after the last collection; the next
/// tensor created then runs the finalizers of forgotten tensors.
/// </summary>
internal static unsafe class MemoryPressure
{
    private const long LeastStep = 512L << 20;

    private static readonly int* s_flag = NativeMethods.it_gc_flag();
    private static int s_busy;

    internal static bool IsHigh => *s_flag != 0;

    internal static void Relieve()
    {
        if (Interlocked.Exchange(ref s_busy, 1) != 0) return;
        try
        {
            var before = TorchRuntime.CpuLiveBytes;
            Collect(1);
            // What survived a young collection may still be garbage of the old generation.
            if (TorchRuntime.CpuLiveBytes > before - LeastStep / 4) Collect(2);
            NativeMethods.it_gc_rearm(Math.Max(LeastStep, TorchRuntime.CpuLiveBytes / 2));
        }
        finally
        {
            Volatile.Write(ref s_busy, 0);
        }
    }

    private static void Collect(int generation)
    {
        GC.Collect(generation, GCCollectionMode.Forced, true);
        GC.WaitForPendingFinalizers();
    }
}
