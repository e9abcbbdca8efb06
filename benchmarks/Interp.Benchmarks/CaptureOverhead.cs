namespace Interp.Benchmarks;

using Interp.Native;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Capturing every residual site, against the plain forward pass; and the memory it takes, against what was told beforehand.</summary>
internal static class CaptureOverhead
{
    private const double Limit = 1.03;

    public static void Run(string[] arguments)
    {
        using var model = SmallGpt.Model();
        var plain = model.On(SmallGpt.Tokens(8, 64, seed: 0));
        var capturing = plain.Capture(ResidPre, ResidMid, ResidPost);
        var times = Timing.Alternate(
            arguments.Length > 0 ? int.Parse(arguments[0]) : 21,
            () => Timing.Of(() => plain.Run().Dispose()),
            () => Timing.Of(() => capturing.Run().Dispose()));
        // What a block gives back is what the next one reads: ResidPre shares ResidPost's memory, so memory is measured without it.
        var (told, taken, grown) = Memory(plain, plain.Capture(ResidMid, ResidPost));
        var ratio = Timing.Median(times[1]) / Timing.Median(times[0]);
        var text = $"{ratio:f3} times ({Timing.Median(times[1]):f1} against {Timing.Median(times[0]):f1} ms, 8 x 64, medians of {times[0].Length}); "
            + $"ResidMid and ResidPost: {taken:N0} bytes, told {told:N0}, live memory grown by {grown:N0}";
        Console.WriteLine(text);
        Evidence.Record("capture-cost", ratio <= Limit && told == taken && Math.Abs(grown - told) <= told / 100, text);
    }

    // What the plan says beforehand, what the cache counts, and by how much more a run holds than one without captures.
    private static (long Told, long Taken, long Grown) Memory(RunPlan plain, RunPlan capturing)
    {
        using var without = plain.Run();
        var before = TorchRuntime.CpuLiveBytes;
        using var with = capturing.Run();
        return (capturing.CaptureBytes(), with.Cache.Bytes, TorchRuntime.CpuLiveBytes - before - Bytes(with.Logits));
    }

    private static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();
}
