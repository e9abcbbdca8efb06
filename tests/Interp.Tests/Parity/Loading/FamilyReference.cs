namespace Interp.Tests.Parity.Loading;

using Interp.Tests.Support;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Computes, for each array of an independent forward, our value of it.</summary>
internal sealed class FamilyReference(GoldenFile golden, HookedTransformer model, GoldenCompare compare, double tolerance)
{
    private const string Group = "hf_reference";
    private readonly int[][] clean = golden.Rows("tokens/clean");
    private readonly int[][] corrupt = golden.Rows("tokens/corrupt");
    private readonly Metric metric = Metric.LogitDifference(golden.Correct, golden.Incorrect);

    /// <summary>Compares every array.</summary>
    /// <returns>How many there are.</returns>
    public int CompareAll()
    {
        var names = golden.Names(Group);
        foreach (var name in names)
        {
            using var scope = NewDisposeScope();
            var shape = golden.Shape($"{Group}/{name}");
            compare.Add(name, Ours(name).reshape(shape), golden.Values($"{Group}/{name}"), shape, tolerance);
        }
        return names.Length;
    }

    private Tensor Ours(string name) => name switch
    {
        "logits_clean" => model.On(clean).Logits(),
        "logits_corrupt" => model.On(corrupt).Logits(),
        "resid_clean" => Stream(clean),
        "resid_corrupt" => Stream(corrupt),
        "loss_clean" => tensor(new[] { model.On(clean).Loss() }),
        "metric_clean" => model.On(clean).Measure(metric).mean(),
        "metric_corrupt" => model.On(corrupt).Measure(metric).mean(),
        "patch_resid_pre" => Patched(),
        _ => throw new ArgumentException($"the reference's '{name}' is not known to this test"),
    };

    // The input of every block, then that of the final norm, [layer + 1, batch, pos, d_model].
    private Tensor Stream(int[][] tokens)
    {
        using var run = model.On(tokens).Capture(ResidPre, ResidPost[^1]).Run();
        return stack([.. Enumerable.Range(0, model.Config.Layers).Select(layer => run[ResidPre[layer]]), run[ResidPost[^1]]], 0);
    }

    // The corrupted run with the clean stream put in at one layer and position, [layer, pos].
    private Tensor Patched()
    {
        using var run = model.On(clean).Capture(ResidPre).Run();
        var (layers, length) = (model.Config.Layers, clean[0].Length);
        var results = new double[layers * length];
        for (var i = 0; i < results.Length; i++)
        {
            using var scope = NewDisposeScope();
            var (layer, pos) = (i / length, i % length);
            var value = run[ResidPre[layer]][.., pos]; // [batch, d_model]
            results[i] = model.On(corrupt).Replace(ResidPre[layer].At(pos), value).Measure(metric).mean().ToDouble();
        }
        return tensor(results, [layers, length]);
    }
}
