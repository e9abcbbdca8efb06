using System.Runtime.CompilerServices;
using Interp.Native;
using Shouldly;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Interp.Torch.Tests;

[Trait("Tier", "unit")]
public sealed class MemoryTests
{
    [Fact]
    public void Temporaries_AllDisposed_GrowTheProcessByLessThan100MB()
    {
        using var a = randn(1024, 1024);
        Twice(a, 20);
        var (before, live) = (Resident(), TorchRuntime.CpuLiveBytes);
        Twice(a, 2000);
        var grown = Resident() - before;
        var left = TorchRuntime.CpuLiveBytes - live;
        Evidence.Record("temporaries-memory", grown < 100L << 20 && left == 0, $"grown by {grown >> 20} MB, {left} bytes left");
        grown.ShouldBeLessThan(100L << 20);
        left.ShouldBe(0);
    }

    [Fact]
    public void Temporaries_WithATinyTensorKept_GrowTheProcessByLessThan100MB()
    {
        using var a = randn(1024, 1024);
        Twice(a, 20);
        var before = Resident();
        var kept = new List<Tensor>();
        for (var k = 0; k < 500; k++)
        {
            Twice(a, 1);
            kept.Add(ones(10));
        }
        (Resident() - before).ShouldBeLessThan(100L << 20);
        kept.ForEach(t => t.Dispose());
    }

    [Fact]
    public void ForgottenTensors_AreFreedWithoutBeingAskedTo()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Resident();
        Forget(2000);
        // 2,000 results of 4 MB would be 8 GB.
        (Resident() - before).ShouldBeLessThan(3L << 30);
    }

    [Fact]
    public void Finalizer_FreesWhatWasNotDisposed()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var (tensors, bytes) = (Tensor.TotalCount, TorchRuntime.CpuLiveBytes);
        Forget(50);
        for (var k = 0; k < 3; k++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        var left = TorchRuntime.CpuLiveBytes - bytes;
        Evidence.Record("temporaries-memory", left == 0, $"undisposed: {left} bytes left by the finalizer");
        Tensor.TotalCount.ShouldBe(tensors);
        left.ShouldBe(0);
    }

    [Fact]
    public void TemporaryInsideAnExpression_LivesThroughTheCall()
    {
        // The inner result is unreachable while the outer operator runs: collections in between must not free it.
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                Thread.Sleep(1);
            }
        });
        collector.Start();
        using var a = ones(64, 64);
        for (var k = 0; k < 3000; k++) (a + a).mul(2).sum().ToSingle().ShouldBe(64 * 64 * 4f);
        stop.Cancel();
        collector.Join();
    }

    [Fact]
    public void EmptyCache_GivesBlocksBack()
    {
        randn(1 << 20).Dispose();
        TorchRuntime.CpuCachedBytes.ShouldBeGreaterThan(0);
        TorchRuntime.EmptyCache().ShouldBeGreaterThan(0);
        TorchRuntime.CpuCachedBytes.ShouldBe(0);
        TorchRuntime.CpuCacheLimit.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void LiveBytes_AreTheBytesAskedFor()
    {
        var before = TorchRuntime.CpuLiveBytes;
        using var t = empty(1000, 1001);
        (TorchRuntime.CpuLiveBytes - before).ShouldBe(4 * 1000 * 1001);
        using var view = t[0];
        (TorchRuntime.CpuLiveBytes - before).ShouldBe(4 * 1000 * 1001);
        TorchRuntime.ResetPeak();
        zeros(1 << 20).Dispose();
        (TorchRuntime.CpuPeakBytes - TorchRuntime.CpuLiveBytes).ShouldBe(4 << 20);
    }

    [Fact]
    public void ManyThreads_AllocateAndFree_WithoutLoss()
    {
        var before = TorchRuntime.CpuLiveBytes;
        var tensors = Tensor.TotalCount;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 4 }, worker =>
        {
            using var scope = NewDisposeScope();
            var a = full([100], worker);
            for (var k = 0; k < 500; k++)
            {
                using var inner = NewDisposeScope();
                (a * 2 + k).sum().ToSingle().ShouldBe(100f * (2 * worker + k));
            }
        });
        TorchRuntime.CpuLiveBytes.ShouldBe(before);
        Tensor.TotalCount.ShouldBe(tensors);
    }

    private static void Twice(Tensor a, int iterations)
    {
        for (var k = 0; k < iterations; k++)
        {
            using var b = a + a;
            using var c = b * 2;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(int count)
    {
        var a = ones(1024, 1024);
        for (var k = 0; k < count; k++) _ = a + k;
    }

    private static long Resident() =>
        long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) << 10;
}
