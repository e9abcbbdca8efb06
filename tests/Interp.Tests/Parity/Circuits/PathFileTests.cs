namespace Interp.Tests.Parity.Circuits;

using Interp.Tests.Support;
using Xunit;
using static TorchSharp.torch;

/// <summary>Direct and IOI-style path patching: every array of the file, raw and processed weights.</summary>
[Trait("Tier", "parity")]
public sealed class PathFileTests
{
    private static readonly (string Key, HeadInput Input)[] Inputs = [("q", HeadInput.Query), ("k", HeadInput.Key), ("v", HeadInput.Value)];

    public static TheoryData<string, ScalarType> Cases => EdgeFileTests.Cases();

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Paths_EveryArrayOfTheFile_EqualTheReference(string model, ScalarType dtype)
    {
        using var golden = new CircuitGolden(model, "paths", dtype);
        foreach (var (name, freeze) in new[] { ("ioi/mlps_recomputed", PathFreeze.Heads), ("ioi/mlps_frozen", PathFreeze.HeadsAndMlps) })
        {
            golden.Add($"{name}/to_logits", golden.Study.PathsToLogits(freeze).Values.ToArray());
            foreach (var (key, input) in Inputs)
                golden.Add($"{name}/to_{key}", Later(golden.Study.PathsToHeads(input, freeze)));
        }
        Direct(golden, "raw", golden.Study);
        using var processed = new CircuitGolden(model, "paths", dtype, processed: true);
        if (dtype == ScalarType.Float32)
            Direct(golden, "proc", processed.Study);
        else // the reference processed in float64, as this library does; the stored weights are rounded
            using (var own = golden.Model.Process(WeightProcessing.TransformerLens))
                Direct(golden, "proc", golden.Contrast(own));
        golden.ShouldBeWhole(dtype == ScalarType.Float64 ? "circuit-paths" : "circuit-float32");
    }

    // The reference puts clean values into the corrupted run here.
    private static void Direct(CircuitGolden golden, string weights, Contrast noising)
    {
        var study = new Contrast(noising.CleanPlan, noising.CorruptedPlan, noising.Metric);
        golden.Add($"{weights}/metric_clean", [study.CleanMetric().Average()]);
        golden.Add($"{weights}/metric_corrupt", [study.CorruptedMetric().Average()]);
        foreach (var (key, input) in Inputs)
        {
            golden.Add($"{weights}/tl_direct_path/{key}", Later(study.PatchDirectPaths(input, PathNorm.ScaleAlone)));
            golden.Add($"{weights}/exact_direct_path/{key}", Later(study.PatchDirectPaths(input)));
        }
    }

    // The file holds 0 where the receiver is not later than the sender, where ours holds the base's metric.
    private static double[] Later(LabelledArray ours)
    {
        var values = ours.Values.ToArray();
        var (heads, layers, receivers) = (ours.Shape[1], ours.Shape[2], ours.Shape[3]);
        for (var i = 0; i < values.Length; i++)
            if (i / receivers % layers <= i / (receivers * layers * heads))
                values[i] = 0;
        return values;
    }
}
