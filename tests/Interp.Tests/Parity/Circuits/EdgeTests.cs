namespace Interp.Tests.Parity.Circuits;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static TorchSharp.torch;

/// <summary>Edge scores and circuits against EAP-IG's (commit 795f560) and auto-circuit's, in float64.</summary>
/// <remarks>
/// The reference works in the noising direction for +metric, and divides by the batch size once more than its own formula says: ours are
/// -4 times its attribution scores, and minus its exact scores.
/// </remarks>
[Trait("Tier", "parity")]
public sealed class EdgeTests
{
    private const int Batch = 4;

    public static TheoryData<string, string, bool> Scores()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var model in new[] { "gpt2", "llama_gqa", "neox" })
        {
            data.Add(model, "edges/eap", false);
            data.Add(model, "edges/clean_corrupted", false);
            data.Add(model, "edges/eap_ig_inputs_5", false);
            data.Add(model, "edges/eap_ig_activations_3_own_full", false);
            data.Add(model, "edges/exact", true);
        }
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Scores))]
    public void Edges_GoldenModel_EqualTheReference(string model, string array, bool exact)
    {
        using var file = Open(model);
        using var transformer = GoldenModel.Load(model, processed: false, ScalarType.Float64);
        var scores = Study(transformer, file).Edges(MethodOf(array));
        var compare = new GoldenCompare($"{model} {array}", ScalarType.Float64);
        var expected = file.ReadDoubles(array).Select(v => -v * (exact ? 1 : Batch)).ToArray();
        var (ours, theirs) = (scores.Values.Values.ToArray(), Grouped(expected, scores.Graph));
        if (exact && transformer.Config.KvHeads != transformer.Config.Heads)
            for (var i = 0; i < ours.Length; i++) // exact effects of one group's heads do not add up to the group's
                if (scores.Graph.Targets[i % scores.Graph.Targets.Length].Input is HeadInput.Key or HeadInput.Value)
                    theirs[i] = ours[i] = 0;
        compare.Add(array, ours, theirs, 1e-10);
        Evidence.Record("circuit-edges", compare.Holds, compare.Figure);
        compare.ShouldHold(1);
    }

    [SkippableTheory]
    [InlineData("gpt2", "eap", 20)]
    [InlineData("gpt2", "eap_ig_inputs_5", 60)]
    [InlineData("neox", "eap", 20)]
    [InlineData("neox", "eap_ig_inputs_5", 60)]
    public void Circuits_GoldenModel_HaveTheReferencesEdgesAndMetric(string model, string scores, int count)
    {
        using var file = Open(model);
        using var transformer = GoldenModel.Load(model, processed: false, ScalarType.Float64);
        var edges = Study(transformer, file).Edges(MethodOf("edges/" + scores));
        foreach (var (name, circuit) in new[] { ("topn", edges.Top(count)), ("greedy", edges.Greedy(count)) })
        {
            var key = $"circuit/{scores}/{name}_{count}/";
            Mask(circuit).ShouldBe(file.ReadBytes(key + "edges_unpruned").Select(b => b != 0).ToArray(), name);
            Mask(circuit.Pruned()).ShouldBe(file.ReadBytes(key + "edges").Select(b => b != 0).ToArray(), name + " pruned");
            circuit.Metric().ShouldBe(file.ReadDoubles(key + "metric")[0], 1e-10);
            circuit.Pruned().Metric().ShouldBe(file.ReadDoubles(key + "metric")[0], 1e-10);
            circuit.Faithfulness().ShouldBe(file.ReadDoubles(key + "faithfulness")[0], 1e-8);
        }
        Evidence.Record("circuit-sets", true, $"{model}: {scores}, {count} edges, equal");
    }

    [Fact]
    public void EdgeCount_Gpt2SmallShape_Is32491()
    {
        var small = new TransformerConfig { Layers = 12, DModel = 768, Heads = 12, DHead = 64, DMlp = 3072, DVocab = 50257, Context = 1024 };
        new CircuitGraph(small).EdgeCount.ShouldBe(32_491);
        Evidence.Record("circuit-graph", true, "32,491");
        new CircuitGraph(small with { ParallelBlocks = true }).EdgeCount.ShouldBe(32_347);
    }

    [Fact]
    public void Metric_FullAndEmptyCircuit_AreTheCleanAndTheCorruptedRun()
    {
        using var model = TinyModel.Random(TinyModel.Llama);
        var clean = TinyModel.Tokens(model.Config, 2, 6, seed: 1);
        var study = model.Contrast(clean, TinyModel.Tokens(model.Config, 2, 6, seed: 2), Metric.LogitDifference(3, 4));
        var edges = study.Edges(Method.Eap);
        edges.Top(edges.Graph.EdgeCount).Metric().ShouldBe(study.CleanMetric().Average(), 1e-10);
        edges.Top(0).Metric().ShouldBe(study.CorruptedMetric().Average(), 1e-10);
        Evidence.Record("circuit-ends", true, "within 1e-10");
    }

    private static SafetensorsFile Open(string model) => SafetensorsFile.Open(Repository.Shared("golden", "circuits", $"{model}.eap.safetensors"));

    internal static Contrast Study(HookedTransformer model, SafetensorsFile file)
    {
        var answers = file.ReadLongs("answers");
        var metric = Metric.LogitDifference([.. Enumerable.Range(0, Batch).Select(i => (int)answers[2 * i])], [.. Enumerable.Range(0, Batch).Select(i => (int)answers[2 * i + 1])]);
        RunInput Rows(string name) => RunInput.Of(file.ReadLongs(name).Chunk((int)file.Entry(name).Shape[1]).Select(r => r.Select(t => (int)t).ToArray()));
        return model.Contrast(Rows("tokens_clean"), Rows("tokens_corrupt"), metric).Noising();
    }

    private static Method MethodOf(string array) => array switch
    {
        "edges/eap" => Method.Eap,
        "edges/clean_corrupted" => Method.CleanCorrupted,
        "edges/eap_ig_inputs_5" => Method.EapIg(5),
        "edges/exact" => Method.Exact,
        _ => Method.EapIgActivations(3),
    };

    internal static bool[] Mask(Circuit circuit) =>
        [.. Enumerable.Range(0, circuit.Graph.Sources.Length).SelectMany(s => Enumerable.Range(0, circuit.Graph.Targets.Length).Select(t => circuit.Contains(s, t)))];

    // The reference has a key and a value per query head; an edge into a key-value head is the sum over its group.
    private static double[] Grouped(double[] stored, CircuitGraph graph)
    {
        var config = graph.Config;
        var full = new CircuitGraph(config with { KeyValueHeads = config.Heads });
        var group = config.Heads / config.KvHeads;
        var result = new double[graph.Sources.Length * graph.Targets.Length];
        for (var source = 0; source < graph.Sources.Length; source++)
            for (var target = 0; target < full.Targets.Length; target++)
            {
                var t = full.Targets[target];
                var own = graph.Targets.IndexOf(t.Input is HeadInput.Key or HeadInput.Value ? t with { Head = t.Head / group } : t);
                result[source * graph.Targets.Length + own] += stored[source * full.Targets.Length + target];
            }
        return result;
    }
}
