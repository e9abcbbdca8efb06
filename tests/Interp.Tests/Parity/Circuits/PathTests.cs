namespace Interp.Tests.Parity.Circuits;

using Interp.Tests.Support;
using Xunit;
using static TorchSharp.torch;

/// <summary>Path patching against the golden tables, noising, raw weights, float64.</summary>
[Trait("Tier", "parity")]
public sealed class PathTests
{
    [SkippableTheory]
    [InlineData("gpt2")]
    [InlineData("neox")]
    [InlineData("llama_gqa")]
    public void Paths_GoldenModel_EqualTheReference(string model)
    {
        using var edges = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.eap.safetensors"));
        using var file = SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.paths.safetensors"));
        using var transformer = GoldenModel.Load(model, processed: false, ScalarType.Float64);
        var study = EdgeTests.Study(transformer, edges);
        var compare = new GoldenCompare($"{model} paths", ScalarType.Float64);
        foreach (var (name, freeze) in new[] { ("ioi/mlps_recomputed", PathFreeze.Heads), ("ioi/mlps_frozen", PathFreeze.HeadsAndMlps) })
        {
            compare.Add($"{name}/to_logits", study.PathsToLogits(freeze).Values, file.ReadDoubles($"{name}/to_logits"), 1e-10);
            foreach (var (key, input) in new[] { ("q", HeadInput.Query), ("k", HeadInput.Key), ("v", HeadInput.Value) })
                if (input == HeadInput.Query || transformer.Config.KvHeads == transformer.Config.Heads) // the reference has a key and a value per query head
                    Later(compare, $"{name}/to_{key}", study.PathsToHeads(input, freeze), file);
        }
        Evidence.Record("circuit-paths", compare.Holds, compare.Figure);
        compare.ShouldHold(transformer.Config.KvHeads == transformer.Config.Heads ? 8 : 4);
    }

    // The file holds 0 where the receiver is not later than the sender, where ours holds the base's metric.
    private static void Later(GoldenCompare compare, string key, LabelledArray ours, SafetensorsFile file)
    {
        var (stored, values) = (file.ReadDoubles(key), ours.Values.ToArray());
        var (heads, layers, receivers) = (ours.Shape[1], ours.Shape[2], ours.Shape[3]);
        for (var i = 0; i < stored.Length; i++)
            if (i / receivers % layers <= i / (receivers * layers * heads))
                values[i] = 0;
        compare.Add(key, values, stored, 1e-10);
    }
}
