namespace Interp.Tests.Parity.Runs;

using Interp.Tests.Support;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;
using Unit = Interp.Unit;

/// <summary>Computes, for each array of a reference's <c>run</c> group, our value of it.</summary>
internal sealed class RunReference(GoldenFile golden, HookedTransformer model, GoldenCompare compare, string group, double tolerance, double tables)
{
    private readonly int[][] clean = golden.Rows("tokens/clean");
    private readonly int[][] corrupt = golden.Rows("tokens/corrupt");
    private readonly Metric metric = Metric.LogitDifference(golden.Correct, golden.Incorrect);

    /// <summary>Arrays that are inputs or tokens.</summary>
    public static IReadOnlyList<string> NotNumbers { get; } = ["attention_mask", "greedy_tokens_8"];

    private int Layers => model.Config.Layers;

    private int Heads => model.Config.Heads;

    /// <summary>Compares every array.</summary>
    /// <returns>How many there are.</returns>
    public int CompareAll()
    {
        // Without an MLP the file holds zeros where an ablated MLP's metric would stand.
        var names = golden.Names(group).Except(NotNumbers).Where(n => n != "ablate_zero_mlp" || !model.Config.AttentionOnly).ToArray();
        foreach (var name in names)
        {
            using var scope = NewDisposeScope();
            compare.Add($"{group}/{name}", Ours(name), golden.Values($"{group}/{name}"), golden.Shape($"{group}/{name}"), IsTable(name) ? tables : tolerance);
        }
        return names.Length;
    }

    // A metric is a difference of logits, like the entries of a patching table.
    private static bool IsTable(string name) => name.StartsWith("metric", StringComparison.Ordinal) || name.StartsWith("ablate", StringComparison.Ordinal);

    private Tensor Ours(string name) => name switch
    {
        "logits_clean" => model.On(clean).Logits(),
        "logits_corrupt" => model.On(corrupt).Logits(),
        "logits_clean_optin_hooks" => WithLazySites(),
        "logits_kv_tail" => Tail(),
        "logits_masked" => Masked(),
        "loss_clean" => tensor(new[] { model.On(clean).Loss() }),
        "loss_per_token_clean" => model.On(clean).LossPerToken(),
        "metric_clean" => model.On(clean).Measure(metric).mean().unsqueeze(0),
        "metric_corrupt" => model.On(corrupt).Measure(metric).mean().unsqueeze(0),
        "ablate_zero_head" => ByHead((plan, layer, head) => plan.Zero(Z[layer].Head(head))),
        "ablate_mean_head" => MeanAblation(),
        "ablate_zero_attn" => ByLayer(layer => model.On(clean).Zero(AttnOut[layer])),
        "ablate_zero_mlp" => ByLayer(layer => model.On(clean).Zero(MlpOut[layer])),
        "start_at_layer_1_logits" => FromLayerOne(),
        "stop_at_layer_1" => Kept(model.On(clean).StopBefore(1).Run().Residual),
        "induction_score" => Diagonal(1 - 8),
        "duplicate_score" => Diagonal(-8),
        "prev_token_score" => Diagonal(-1),
        _ => throw new ArgumentException($"the reference's '{name}' is not known to this test"),
    };

    private static Tensor Kept(Tensor tensor) => tensor.clone();

    // Asking for what costs extra must not change the result.
    private Tensor WithLazySites()
    {
        Unit[] lazy = [.. model.Sites.Where(s => s.Lazy && s != AttnIn).Select(s => (Unit)s)];
        using var run = model.On(clean).Capture(lazy).Run();
        return Kept(run.Logits);
    }

    private Tensor Tail()
    {
        using var past = new KeyValueCache(model);
        model.On(clean.Select(r => r[..5])).After(past).Logits().Dispose();
        return model.On(clean.Select(r => r[5..])).After(past).Logits();
    }

    private Tensor Masked()
    {
        using var ids = tensor(clean.SelectMany(r => r.Select(i => (long)i)).ToArray(), [clean.Length, clean[0].Length]);
        using var mask = tensor(golden.Rows($"{group}/attention_mask").SelectMany(r => r.Select(i => (long)i)).ToArray(), [clean.Length, clean[0].Length]);
        return model.On(ids, mask).Logits();
    }

    private Tensor FromLayerOne()
    {
        using var run = model.On(clean).Capture(ResidPre[1]).Run();
        return model.On(clean).StartAt(1, run[ResidPre[1]]).Logits();
    }

    private Tensor MeanAblation()
    {
        using var run = model.On(clean).Capture(Z).Run();
        using var scope = NewDisposeScope();
        return ByHead((plan, layer, head) => plan.Replace(Z[layer].Head(head), run[Z[layer]].mean([0L])[.., head])).MoveToOuterDisposeScope(); // [pos, d_head]
    }

    private Tensor ByHead(Func<RunPlan, int, int, RunPlan> change)
    {
        var results = new double[Layers * Heads];
        for (var i = 0; i < results.Length; i++)
            results[i] = Mean(change(model.On(clean), i / Heads, i % Heads));
        return tensor(results, [Layers, Heads]);
    }

    private Tensor ByLayer(Func<int, RunPlan> plan) => tensor(Enumerable.Range(0, Layers).Select(l => Mean(plan(l))).ToArray());

    private double Mean(RunPlan plan)
    {
        using var scope = NewDisposeScope();
        return plan.Measure(metric).mean().ToDouble();
    }

    // Mean of the pattern over prompts and the places of one diagonal, [layer, head].
    private Tensor Diagonal(long offset)
    {
        using var run = model.On(golden.Rows("tokens/repeated")).Capture(Pattern).WithoutLogits().Run();
        return stack([.. Enumerable.Range(0, Layers).Select(l => run[Pattern[l]].diagonal(offset, -2, -1).mean([0L, 2L]))], 0);
    }
}
