namespace Interp.Benchmarks;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Planned sweeps over 8 prompts of 15 tokens, against one whole forward pass with all logits for each patch.</summary>
/// <remarks>
/// Two studies: prompts that differ from their corruption at every position, and from position 10 on. Three sweeps of each: the stream before
/// blocks by position (180 patches), z by head (144), and all five sites of heads by head and position (10,800, of which a twentieth is
/// timed: heads 1, 5 and 9 at positions 2, 7 and 12, whose lengths have the mean of all).
/// </remarks>
internal static class PatchingSweep
{
    private const int Prompts = 8;
    private const int Positions = 15;
    private const double WantedRate = 0.7;

    private static readonly (int First, Case[] Cases)[] Studies =
    [
        (0, [new("resid_pre", 180, 6.5), new("z by head", 144, 3.7), new("heads by position", 10_800, 7)]),
        (10, [new("resid_pre", 180, 30), new("z by head", 144, 8), new("heads by position", 10_800, 25)]),
    ];

    private sealed record Case(string Name, int Patches, double Wanted);

    /// <summary>Arguments: rounds (3), and the number of a sweep (all).</summary>
    public static void Run(string[] arguments)
    {
        using var model = SmallGpt.Model();
        using var scope = NewDisposeScope();
        var rounds = arguments.Length > 0 ? int.Parse(arguments[0]) : 3;
        var only = arguments.Length > 1 ? int.Parse(arguments[1]) : -1;
        Check(Study(model, 0));
        foreach (var (first, cases) in Studies)
        {
            var study = Study(model, first);
            var chosen = cases.Where((_, i) => only < 0 || i == only).ToArray();
            var times = Timing.Alternate(rounds, [
                () => Timing.Of(() => { for (var i = 0; i < 3; i++) model.On(study.Base).Logits().Dispose(); }) / 3,
                Product(),
                .. chosen.Select(c => (Func<double>)(() => Timing.Of(() => study.Patch(Grids(c.Name))))),
            ]);
            var (forward, product) = (Timing.Median(times[0]), 2e-6 * 4000 * 768 * 3072 / Timing.Median(times[1])); // ms, GFLOP/s
            Console.WriteLine($"first difference at position {first}: whole forward {forward:f0} ms; product of 4,000 x 768 x 3,072 {product:f0} GFLOP/s");
            var lines = chosen.Select((c, i) => Line(c, first, Timing.Median(times[2 + i]), forward, product)).ToArray();
            foreach (var line in lines)
                Console.WriteLine($"  {line.Text}");
            Evidence.Record(first == 0 ? "patch-sweep-speed" : "patch-sweep-late", lines.All(l => l.Ratio >= l.Case.Wanted), string.Join("; ", lines.Select(l => l.Short)));
            if (first == 0 && only <= 0)
            {
                Evidence.Record("sweep-speed", lines[0].Ratio >= 6, lines[0].Short);
                Evidence.Record("patch-sweep-rate", lines[0].Share >= WantedRate, $"{lines[0].Share:p0} of a large product's rate ({string.Join(", ", lines.Skip(1).Select(l => $"{l.Case.Name} {l.Share:p0}"))})");
            }
        }
    }

    private sealed record Measured(Case Case, double Ratio, double Share, string Text, string Short);

    private static Measured Line(Case c, int first, double time, double forward, double product)
    {
        var parts = c.Name == "heads by position" ? 20 : 1;
        var ratio = c.Patches * forward / (time * parts);
        var needed = NeededFlops(c.Name, first) / 1e9;
        var share = needed / time * 1e3 / product;
        return new(c, ratio, share,
            $"{c.Name}: {ratio:f2} times faster than {c.Patches:n0} forward passes (wanted {c.Wanted}); {time / 1e3:f2} s{(parts > 1 ? " for a twentieth" : "")}, "
            + $"{needed:f0} GFLOP, {needed / time * 1e3:f0} GFLOP/s, {share:p0} of the product's rate",
            $"{c.Name} {ratio:f2} times");
    }

    private static UnitGrid[] Grids(string name) => name switch
    {
        "resid_pre" => [ResidPre.ByPosition()],
        "z by head" => [Z.ByHead()],
        _ => [.. new[] { Q, K, V, Pattern, Z }.Select(site => site.Head(Heads).At(Places).ByHead().ByPosition())],
    };

    private static int[] Heads => [1, 5, 9];

    private static int[] Places => [2, 7, 12];

    private static Func<double> Product()
    {
        var (left, right) = (randn([4000, 768]), randn([768, 3072]));
        return () => Timing.Of(() => mm(left, right).Dispose());
    }

    private static Contrast Study(HookedTransformer model, int first)
    {
        var answers = SmallGpt.Tokens(Prompts, 2, seed: 3);
        var (clean, other) = (SmallGpt.Tokens(Prompts, Positions, seed: 1), SmallGpt.Tokens(Prompts, Positions, seed: 2));
        var corrupted = RunInput.Of(clean.Rows.Zip(other.Rows, (c, o) => c.Take(first).Concat(o.Skip(first)).ToArray()));
        return model.Contrast(clean, corrupted, Metric.LogitDifference([.. answers.Rows.Select(r => r[0])], [.. answers.Rows.Select(r => r[1])]));
    }

    // The sweeps' numbers are those of whole forward passes.
    private static void Check(Contrast study)
    {
        foreach (var grid in new[] { ResidPre[2].ByPosition(), K[2].Head(1).ByHead().ByPosition(), Q[10].Head(5).ByHead().ByPosition(), Z[^1].ByHead() })
        {
            var planned = study.Patch(grid);
            var serial = study.Patch(grid, new PatchOptions { Strategy = PatchStrategy.Serial });
            for (var i = 0; i < serial.Patched.Count; i++)
                if (Math.Abs(planned.Patched.Values[i] - serial.Patched.Values[i]) > 3e-5 * Math.Max(1, Math.Abs(serial.Patched.Values[i])))
                    throw new InvalidOperationException($"The sweep over {grid} gives {planned.Patched.Values[i]}, a whole forward pass {serial.Patched.Values[i]}.");
        }
    }

    // Multiplications and additions of the weights that the plan does: see docs/performance.md.
    private static double NeededFlops(string name, int first)
    {
        var (d, m, last) = ((double)SmallGpt.Config.DModel, (double)SmallGpt.Config.DMlp, SmallGpt.Config.Layers - 1);
        var (inputs, output, mlp) = (6 * d * d, 2 * d * d, 4 * d * m);
        double Later(int layer, double tokens) => Enumerable.Range(layer, Math.Max(last + 1 - layer, 0)).Sum(l => l == last ? inputs + output + mlp : tokens * (inputs + output + mlp));
        double Joined(int layer, double tokens) => layer == last ? inputs + output + mlp : inputs + tokens * (output + mlp) + Later(layer + 1, tokens);
        double Spread(int layer, double tokens) => layer == last ? mlp : tokens * mlp + Later(layer + 1, tokens);
        double Single(int layer, double tokens) => layer == last ? (tokens == 1 ? mlp : 0) : mlp + Joined(layer + 1, tokens);
        var layers = Enumerable.Range(0, last + 1).ToArray();
        var patches = name switch
        {
            "resid_pre" => layers.Sum(l => Enumerable.Range(first, Positions - first).Sum(p => Joined(l, Positions - p))),
            "z by head" => layers.Sum(l => 12 * Spread(l, Positions - first)),
            _ => layers.Sum(l => Places.Where(p => p >= first).Sum(p => Heads.Length * (2 * Spread(l, Positions - p) + 3 * Single(l, Positions - p)))),
        };
        return Prompts * patches + 2 * Prompts * (Positions * SmallGpt.BlockFlops + SmallGpt.UnembeddingFlops);
    }
}
