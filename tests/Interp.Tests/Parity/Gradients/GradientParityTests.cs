namespace Interp.Tests.Parity.Gradients;

using Interp.Tests.Support;
using Shouldly;
using TorchSharp;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;
using Unit = Interp.Unit;

/// <summary>Gradients of the loss and of the metric with respect to every activation.</summary>
/// <remarks>
/// The reference runs ln1 three times a block and keeps the gradient of the query path alone. Ours is the sum over queries, keys and values;
/// the shares are computed here by the chain rule from the gradients at q, k and v.
/// </remarks>
[Trait("Tier", "parity")]
public sealed class GradientParityTests
{
    public static TheoryData<string, GoldenWeights, ScalarType> Cases => GoldenCases.WithGradients;

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Gradients_EveryActivation_EqualReference(string model, GoldenWeights weights, ScalarType dtype)
    {
        using var golden = GoldenFile.Open(model);
        using var transformer = GoldenCases.Load(model, weights, dtype);
        var metric = Metric.LogitDifference(golden.Correct, golden.Incorrect);
        var compare = new GoldenCompare($"{GoldenCases.Title(model, weights, dtype)}, gradients", dtype);
        var expected = 0;
        foreach (var (group, tokens, loss) in new[] { ("grads_loss", "clean", true), ("grads_clean", "clean", false), ("grads_corrupt", "corrupt", false) })
        {
            var names = golden.Names(GoldenCases.Group(weights, group));
            if (names.Length == 0)
                continue;
            var sites = names.Select(Site).Concat(loss || names.Any(n => n.Contains("ln1.")) ? Around(transformer) : []).Distinct().Select(n => (Unit)n).ToArray();
            var plan = transformer.On(golden.Rows($"tokens/{tokens}"));
            using var run = loss ? plan.LossGradients(sites) : plan.Gradients(metric, sites);
            foreach (var name in names)
                Compare(compare, golden, run, transformer, GoldenCases.Group(weights, group), name, Tolerances.Activations(model, dtype));
            expected += names.Length;
        }
        expected.ShouldBeGreaterThanOrEqualTo(20);
        if (GoldenCases.OnPage(model))
        {
            Evidence.Record("golden-tables", compare.Holds, compare.Figure);
            Evidence.Record("golden-ln1-gradients", compare.Holds, compare.Figure);
        }
        compare.ShouldHold(expected);
    }

    private static HookName Site(string name) => HookName.Parse(name.EndsWith("_grad", StringComparison.Ordinal) ? name[..^5] : name);

    private static IEnumerable<HookName> Around(HookedTransformer model) =>
        Enumerable.Range(0, model.Config.Layers).SelectMany(l => new[] { new HookName(ResidPre, l), new HookName(Q, l), new HookName(K, l), new HookName(V, l) });

    private static void Compare(GoldenCompare compare, GoldenFile golden, GradientRun run, HookedTransformer model, string group, string name, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (site, key) = (Site(name), $"{group}/{name}");
        var ours = run.Gradients[site];
        if (site.Site == Ln1Normalized || site.Site == Ln1Scale)
        {
            var (query, total) = Ln1Shares(run, model, site);
            var scale = total.abs().max().ToDouble();
            (ours - total).abs().max().ToDouble().ShouldBeLessThan(tolerance * Math.Max(scale, 1e-12), key);
            ours = query;
            if (model.Config.QueryKeyNorm && site.Site == Ln1Scale)
            {
                // Normed queries hardly depend on the scale before them: what is left of the share is measured against the whole gradient.
                compare.Add(key, GoldenCompare.Doubles(ours), golden.Values(key), tolerance, scale);
                return;
            }
        }
        var shape = golden.Shape(key);
        compare.Add(key, name.Contains("_norm.") ? ours.reshape(shape) : ours, golden.Values(key), shape, tolerance);
    }

    // The query path's share of the gradient at ln1, and the sum of all three.
    private static (Tensor Query, Tensor Total) Ln1Shares(GradientRun run, HookedTransformer model, HookName site)
    {
        var layer = site.Layer;
        Tensor Share(Site at, Tensor weights) => einsum("bphe,hde->bpd", run.Gradients[new HookName(at, layer)], weights);
        var (q, k, v) = (Share(Q, model.WQ(layer)), Share(K, model.WK(layer)), Share(V, model.WV(layer)));
        var norm = (Norm)model.Blocks[layer].Norm1;
        Tensor AtSite(Tensor share)
        {
            var inner = norm.Weights is null ? share : share * norm.Weights.Gain; // before gain and bias
            if (site.Site == Ln1Normalized)
                return norm.Centred ? share : inner;
            var x = run.Activations[new HookName(ResidPre, layer)];
            var centred = norm.Centred ? x - x.mean([-1], keepdim: true) : x;
            var scale = (centred.square().mean([-1], keepdim: true) + norm.Epsilon).sqrt();
            return -(inner * centred).sum(-1, keepdim: true) / scale.square();
        }
        return (AtSite(q), AtSite(q + k + v));
    }
}
