namespace Interp.Tests.Parity.Circuits;

using System.Globalization;
using Interp.Tests.Support;
using Xunit;
using static TorchSharp.torch;

/// <summary>ACDC and mask gradients against auto-circuit's (commit 98db58c), fed a fixed order, in float64.</summary>
/// <remarks>
/// Every array is read when <c>INTERP_FULL=1</c>; else one order and threshold for each model. Distances to the threshold are as small as
/// 7e-7: what is compared in float64 alone.
/// </remarks>
[Trait("Tier", "parity")]
public sealed class AcdcFileTests
{
    [SkippableTheory]
    [InlineData("gpt2", "rev_dst_rev_src/tau_0.01")]
    [InlineData("llama_gqa", "rev_dst_fwd_src/tau_0.1")]
    [InlineData("neox", "rev_dst_rev_src/tau_0.001")]
    public void FindByAcdc_EveryArrayOfTheFile_EqualsTheReference(string model, string always)
    {
        using var golden = new CircuitGolden(model, "acdc", ScalarType.Float64);
        foreach (var (name, order) in new[] { ("rev_dst_rev_src", AcdcOrder.LatestSourcesFirst), ("rev_dst_fwd_src", AcdcOrder.EarliestSourcesFirst) })
        {
            var orders = new List<long[]>();
            foreach (var threshold in new[] { "0.001", "0.01", "0.1" })
                if (Evidence.Full || always == $"{name}/tau_{threshold}")
                    orders.Add(Search(golden, $"{name}/tau_{threshold}", double.Parse(threshold, CultureInfo.InvariantCulture), order));
                else
                    foreach (var array in new[] { "kept", "kept_auto_circuit", "trace", "kl_final", "metric" })
                        golden.Leave($"{name}/tau_{threshold}/{array}", "compared in the full run");
            if (orders.Count > 0)
                golden.Add($"{name}/order", orders[0]);
            else
                golden.Leave($"{name}/order", "compared in the full run");
        }
        Divergences(golden);
        // auto-circuit's loss is minus the metric, and it adds up the six mask values.
        golden.Add("auto_circuit/mask_gradient", golden.Study.Edges(Method.MaskGradient()).Values.Values.ToArray());
        golden.Add("auto_circuit/mask_gradient_ig5", golden.Study.Edges(Method.MaskGradient(5)).Values.Values.ToArray(), 1 / 6.0);
        golden.ShouldBeWhole("circuit-acdc");
    }

    private static long[] Search(CircuitGolden golden, string key, double threshold, AcdcOrder order)
    {
        var found = golden.Study.FindByAcdc(threshold, order);
        golden.Add($"{key}/kept", CircuitGolden.Mask(found.Circuit));
        golden.Add($"{key}/kept_auto_circuit", CircuitGolden.Mask(found.Circuit));
        golden.Add($"{key}/trace", found.Trace.SelectMany(s => new[] { s.Divergence, s.Removed ? 1.0 : 0.0 }));
        golden.Add($"{key}/kl_final", [found.Divergence], scale: 1);
        golden.Add($"{key}/metric", [found.Circuit.Metric()], scale: 1);
        var graph = found.Circuit.Graph;
        return [.. found.Trace.SelectMany(s => new long[] { graph.Sources.IndexOf(s.Source), graph.Targets.IndexOf(s.Target) })];
    }

    private static void Divergences(CircuitGolden golden)
    {
        using var scope = NewDisposeScope();
        var clean = golden.Study.CleanPlan.LogitsAt(Position.Last).Logits().squeeze(1).log_softmax(-1);
        var study = golden.Model.Contrast(golden.Study.Clean, golden.Study.Corrupted, Metric.KlFrom(clean)).Noising();
        golden.Add("kl_corrupt", [study.CorruptedMetric().Average()]);
        golden.Add("kl_single_edge", study.Edges(Method.Exact).Values.Values.ToArray(), -1);
    }
}
