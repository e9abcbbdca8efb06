namespace Interp.Tests.Parity.Circuits;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>ACDC against auto-circuit's (commit 98db58c), fed the original's default order, in float64.</summary>
[Trait("Tier", "parity")]
public sealed class AcdcTests
{
    [SkippableTheory]
    [InlineData("gpt2", "0.01", 142)]
    [InlineData("gpt2", "0.1", 21)]
    [InlineData("neox", "0.01", 2)]
    public void FindByAcdc_GoldenModel_KeepsTheReferencesEdges(string model, string threshold, int count)
    {
        using var edges = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.eap.safetensors"));
        using var file = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.acdc.safetensors"));
        using var transformer = GoldenModel.Load(model, processed: false, ScalarType.Float64);
        var found = EdgeTests.Study(transformer, edges).FindByAcdc(double.Parse(threshold, System.Globalization.CultureInfo.InvariantCulture));
        var key = $"rev_dst_rev_src/tau_{threshold}/";
        found.Circuit.Count.ShouldBe(count);
        EdgeTests.Mask(found.Circuit).ShouldBe(file.ReadBytes(key + "kept").Select(b => b != 0).ToArray());
        var trace = file.ReadDoubles(key + "trace");
        for (var i = 0; i < found.Trace.Count; i++)
        {
            found.Trace[i].Divergence.ShouldBe(trace[2 * i], 1e-9);
            found.Trace[i].Removed.ShouldBe(trace[2 * i + 1] != 0);
        }
        found.Divergence.ShouldBe(file.ReadDoubles(key + "kl_final")[0], 1e-9);
        found.Circuit.Metric().ShouldBe(file.ReadDoubles(key + "metric")[0], 1e-9);
        Evidence.Record("circuit-acdc", true, $"{model}: threshold {threshold}, {count} edges");
    }
}
