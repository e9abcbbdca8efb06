namespace Interp.Benchmarks;

using Interp.Native;
using static Interp.Sites;

/// <summary>Attribution for all heads against one forward pass with all logits; EAP of all edges against one forward and one backward pass.</summary>
/// <remarks>
/// What they need, in FLOPs for each token of a prompt (weights take no gradients, so that backward costs what forward does). Attribution: the
/// source forward, the base forward and backward: 3 times the blocks; against blocks and unembedding. EAP: the same 3 times, against 2 times;
/// and, for the edges, gradients at each head's inputs (two products with W_Q, W_K and W_V a layer), what each head writes (W_O), and one
/// multiplication and addition for each pair of source and target and dimension. Bytes: gradients of 445 targets, 368 KB each, written
/// once and read for each four layers of sources; these are 19 MB at a time.
/// </remarks>
internal static class AttributionSpeed
{
    private const double AttributionLimit = 2.8;
    private const double EdgesLimit = 2.5;
    private const int Prompts = 8;
    private const int Positions = 15;
    private const long Budget = 512L << 20;

    public static void Run(string[] arguments)
    {
        using var model = SmallGpt.Model();
        var study = Study(model);
        var whole = model.On(study.Base);
        var options = new EdgeOptions { MemoryBudget = Budget };
        var times = Timing.Alternate(
            arguments.Length > 0 ? int.Parse(arguments[0]) : 15,
            () => Timing.Of(() => whole.Logits().Dispose()),
            () => Timing.Of(() => study.Attribute(Z.ByHead())),
            () => Timing.Of(() => whole.Gradients(study.Metric, Embed).Dispose()),
            () => Timing.Of(() => study.Edges(Method.Eap, options)));
        var medians = times.Select(Timing.Median).ToArray();
        Attribution(medians[0], medians[1]);
        Edges(medians[2], medians[3], Peak(() => study.Edges(Method.Eap, options)));
    }

    private static Contrast Study(HookedTransformer model)
    {
        var answers = SmallGpt.Tokens(Prompts, 2, seed: 3);
        return model.Contrast(
            SmallGpt.Tokens(Prompts, Positions, seed: 1), SmallGpt.Tokens(Prompts, Positions, seed: 2),
            Metric.LogitDifference([.. answers.Rows.Select(r => r[0])], [.. answers.Rows.Select(r => r[1])]));
    }

    private static void Attribution(double forward, double attribution)
    {
        var tokens = Prompts * Positions;
        var (one, all) = ((SmallGpt.BlockFlops + SmallGpt.UnembeddingFlops) * tokens / 1e9, 3 * SmallGpt.BlockFlops * tokens / 1e9);
        var ratio = attribution / forward;
        var text = $"{ratio:f2} times ({attribution:f0} against {forward:f0} ms; {all:f0} against {one:f0} GFLOP, {all / attribution * 1e3:f0} against {one / forward * 1e3:f0} GFLOP/s)";
        Console.WriteLine($"attribution for 144 heads: {text}");
        Evidence.Record("attribution-speed", ratio <= AttributionLimit, text);
    }

    private static void Edges(double both, double edges, long peak)
    {
        var (one, all) = (2 * SmallGpt.BlockFlops * Prompts * Positions / 1e9, EdgeFlops() / 1e9);
        var ratio = edges / both;
        var text = $"{ratio:f2} times ({edges:f0} against {both:f0} ms; {all:f0} against {one:f0} GFLOP, {all / edges * 1e3:f0} against {one / both * 1e3:f0} GFLOP/s); "
            + $"peak {peak / 1048576.0:f0} of {Budget >> 20} MiB";
        Console.WriteLine($"EAP of 32,491 edges: {text}");
        Evidence.Record("eap-speed", ratio <= EdgesLimit && peak <= Budget, text);
    }

    private static double EdgeFlops()
    {
        var (tokens, d, layers, heads) = ((double)Prompts * Positions, (double)SmallGpt.Config.DModel, SmallGpt.Config.Layers, SmallGpt.Config.Heads);
        var reads = layers * 3 * 2 * 2 * tokens * d * d;
        var writes = layers * 2 * tokens * d * d;
        double pairs = 0;
        for (var first = -1; first < layers; first += 4) // sources of four layers at a time, against the heads behind the first of them
        {
            var last = Math.Min(first + 4, layers);
            var sources = (first < 0 ? 1 : 0) + (last - Math.Max(first, 0)) * (heads + 1.0);
            pairs += sources * ((layers - first - 1) * 3 * heads + layers + 1);
        }
        return 3 * SmallGpt.BlockFlops * tokens + reads + writes + pairs * 2 * tokens * d;
    }

    private static long Peak(Action action)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = TorchRuntime.CpuLiveBytes;
        TorchRuntime.ResetPeak();
        action();
        return TorchRuntime.CpuPeakBytes - before;
    }
}
