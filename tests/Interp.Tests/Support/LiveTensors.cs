namespace Interp.Tests.Support;

using Interp.Native;
using Shouldly;

/// <summary>Counts native tensors, so that a test fails on what a run leaves behind.</summary>
internal static class LiveTensors
{
    /// <summary>Runs something and expects as many live tensors afterwards as before.</summary>
    /// <remarks>What earlier tests left to the finalizer is collected first; what the action leaves is counted before anything collects it.</remarks>
    public static void ShouldStayEqual(Action action)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var before = TorchRuntime.LiveTensors;
        action();
        TorchRuntime.LiveTensors.ShouldBe(before, "live tensors after the action");
    }
}
