namespace Interp.Benchmarks;

using static Interp.Sites;

/// <summary>The resid_pre sweep of 12 layers and 15 positions over 8 prompts, against one whole forward pass with all logits for each patch.</summary>
/// <remarks>
/// What a patch needs: in its own layer and every later one the positions from the patched one on; in the last layer keys and values of those
/// and all else for the last position; the two logit directions of the metric.
/// </remarks>
internal static class PatchingSweep
{
    private const double Wanted = 6;
    private const int Prompts = 8;
    private const int Positions = 15;
    private const int Serial = 60;

    public static void Run(string[] arguments)
    {
        using var model = SmallGpt.Model();
        var study = Study(model);
        Check(study);
        var whole = model.On(study.Base);
        var rounds = arguments.Length > 0 ? int.Parse(arguments[0]) : 5;
        var batch = (arguments.Length > 1 ? int.Parse(arguments[1]) : Serial) / rounds;
        var times = Timing.Alternate(
            rounds,
            () => Timing.Of(() => { for (var i = 0; i < batch; i++) whole.Logits().Dispose(); }) / batch,
            () => Timing.Of(() => study.Patch(ResidPre.ByPosition())));
        var (serial, sweep) = (Timing.Median(times[0]) * 180, Timing.Median(times[1]));
        var (needed, spent) = (NeededFlops() / 1e9, 180.0 * Prompts * Positions * (SmallGpt.BlockFlops + SmallGpt.UnembeddingFlops) / 1e9);
        Console.WriteLine($"180 whole forward passes: {serial / 1e3:f2} s ({spent:f0} GFLOP, {spent / serial * 1e3:f0} GFLOP/s; {rounds * batch} timed, scaled)");
        Console.WriteLine($"sweep: {sweep / 1e3:f2} s ({needed:f0} GFLOP needed, {needed / sweep * 1e3:f0} GFLOP/s)");
        var ratio = serial / sweep;
        var text = $"{ratio:f2} times faster ({sweep / 1e3:f2} s against {serial / 1e3:f2} s; {needed / sweep * 1e3:f0} against {spent / serial * 1e3:f0} GFLOP/s)";
        Console.WriteLine(text);
        Evidence.Record("sweep-speed", ratio >= Wanted, text);
    }

    private static Contrast Study(HookedTransformer model)
    {
        var answers = SmallGpt.Tokens(Prompts, 2, seed: 3);
        return model.Contrast(
            SmallGpt.Tokens(Prompts, Positions, seed: 1), SmallGpt.Tokens(Prompts, Positions, seed: 2),
            Metric.LogitDifference([.. answers.Rows.Select(r => r[0])], [.. answers.Rows.Select(r => r[1])]));
    }

    // The sweep's numbers are those of whole forward passes.
    private static void Check(Contrast study)
    {
        var planned = study.Patch(ResidPre.ByPosition());
        var serial = study.Patch(ResidPre[2..3].ByPosition(), new PatchOptions { Strategy = PatchStrategy.Serial });
        for (var position = 0; position < Positions; position++)
        {
            var (own, other) = (planned.Patched[2, position], serial.Patched[0, position]);
            if (Math.Abs(own - other) > 3e-5 * Math.Max(1, Math.Abs(other)))
                throw new InvalidOperationException($"The sweep gives {own} at layer 2, position {position}, a whole forward pass {other}.");
        }
    }

    private static double NeededFlops()
    {
        var (d, m) = ((double)SmallGpt.Config.DModel, (double)SmallGpt.Config.DMlp);
        var layers = SmallGpt.Config.Layers;
        double tokens = Prompts * Positions * (Positions + 1) / 2; // of one layer's patches
        var whole = Enumerable.Range(1, layers - 1).Sum(joined => joined * tokens) * SmallGpt.BlockFlops / layers;
        var last = layers * tokens * 2 * 2 * d * d + layers * Positions * Prompts * 2 * (2 * d * d + 2 * d * m);
        return whole + last + 2 * Prompts * Positions * SmallGpt.BlockFlops; // and the two runs that values come from
    }
}
