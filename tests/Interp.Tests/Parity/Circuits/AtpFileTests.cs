namespace Interp.Tests.Parity.Circuits;

using Interp.Tests.Support;
using Shouldly;
using Xunit;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Attribution of nodes, queries, keys and values, AtP*'s two parts, integrated gradients and the exact patches: every array of the file.</summary>
[Trait("Tier", "parity")]
public sealed class AtpFileTests
{
    public static TheoryData<string, ScalarType> Cases => EdgeFileTests.Cases();

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Estimates_EveryArrayOfTheFile_EqualTheReference(string model, ScalarType dtype)
    {
        using var golden = new CircuitGolden(model, "atp", dtype);
        golden.Add("metric_per_prompt_clean", golden.Study.CleanMetric());
        golden.Add("metric_per_prompt_corrupt", golden.Study.CorruptedMetric());
        QueriesKeysValues(golden);
        Nodes(golden);
        IntegratedGradients(golden, dtype);
        GradDrop(golden);
        if (model == "llama_gqa")
            Grouped(golden, dtype);
        golden.ShouldBeWhole(dtype == ScalarType.Float64 ? "circuit-atp" : "circuit-float32");
    }

    private static void QueriesKeysValues(CircuitGolden golden)
    {
        var study = golden.Study;
        foreach (var (name, site) in new[] { ("q", Q), ("k", K), ("v", V) })
        {
            var grid = site.ByHead().ByPosition();
            golden.Add($"atp/{name}_blhp", PerPrompt(study.Attribute(grid)));
            golden.Add($"exact/{name}_lhp", study.Patch(grid).Effect.Values.ToArray());
            golden.Add($"exact/{name}_all_lh", study.Patch(site.ByHead()).Effect.Values.ToArray());
            if (site != V)
                golden.Add($"qkfix/{name}_blhp", PerPrompt(study.AttributeWithQkFix(grid)));
        }
        golden.Add("qkfix/k_all_blh", PerPrompt(study.AttributeWithQkFix(K.ByHead(), together: true)));
    }

    private static void Nodes(CircuitGolden golden)
    {
        var nodes = golden.Study.Nodes(Method.Eap);
        golden.Add("atp/nodes_bpn", ByPromptAndPosition(nodes), -1);
        golden.Add("atp/score_nodes", Each(nodes, node => nodes.PerPrompt(node).Average(Math.Abs)));
        golden.Add("atp/score_nodes_by_pos", Enumerable.Range(0, golden.Study.Base.Length).SelectMany(p =>
            Each(nodes, node => Enumerable.Range(0, CircuitGolden.Batch).Average(prompt => Math.Abs(nodes.PerPosition(node, prompt)[p])))));
        var exact = golden.Study.Nodes(Method.Exact);
        golden.Add("exact/nodes_bn", Enumerable.Range(0, CircuitGolden.Batch).SelectMany(prompt => Each(exact, node => exact.PerPrompt(node)[prompt])), -1);
    }

    private static void IntegratedGradients(CircuitGolden golden, ScalarType dtype)
    {
        foreach (var (name, rule) in new[]
        {
            ("left", Quadrature.Left), ("right", Quadrature.Right), ("midpoint", Quadrature.Midpoint), ("trapezoid", Quadrature.Trapezoid), ("gauss", Quadrature.GaussLegendre),
        })
            foreach (var steps in new[] { 5, 20, 64 })
                if (Evidence.Full || steps == 5 || (dtype == ScalarType.Float64 && (steps == 20 || name == "gauss")))
                {
                    var scores = golden.Study.Nodes(Method.EapIg(steps, rule));
                    golden.Add($"ig_input/{name}_{steps}_bp", Enumerable.Range(0, CircuitGolden.Batch).SelectMany(prompt => scores.PerPosition(0, prompt)), -1);
                }
                else
                    golden.Leave($"ig_input/{name}_{steps}_bp", "compared in the full run");
        golden.Add("ig_node/gauss_16_bpn", ByPromptAndPosition(golden.Study.Nodes(Method.NodePaths(16))), -1);
        golden.Add("ig_node/midpoint_5_bpn", ByPromptAndPosition(golden.Study.Nodes(Method.NodePaths(5, Quadrature.Midpoint))), -1);
        golden.Add("ig_node/right_3_bpn", ByPromptAndPosition(golden.Study.Nodes(Method.NodePaths(3, Quadrature.Right))), -1);
    }

    private static void GradDrop(CircuitGolden golden)
    {
        var (layers, heads, length) = (golden.Model.Config.Layers, golden.Model.Config.Heads, golden.Study.Base.Length);
        var (embed, result, mlp) = Dropped(golden, byPosition: true);
        var nodes = 1 + layers * (heads + 1);
        var estimates = new double[layers * CircuitGolden.Batch * length * nodes];
        void Put(GradDropResult from, int dropped, int cell, int position, int node)
        {
            for (var prompt = 0; prompt < CircuitGolden.Batch; prompt++)
                estimates[((dropped * CircuitGolden.Batch + prompt) * length + position) * nodes + node] = from.PerPrompt(dropped, cell)[prompt];
        }

        for (var dropped = 0; dropped < layers; dropped++)
            for (var p = 0; p < length; p++)
            {
                Put(embed, dropped, p, p, 0);
                for (var layer = 0; layer < layers; layer++)
                {
                    Put(mlp, dropped, layer * length + p, p, 1 + layer * (heads + 1) + heads);
                    for (var head = 0; head < heads; head++)
                        Put(result, dropped, (layer * heads + head) * length + p, p, 1 + layer * (heads + 1) + head);
                }
            }
        golden.Add("graddrop/est_lbpn", estimates);
        golden.Add("graddrop/score_nodes_by_pos", Enumerable.Range(0, length).SelectMany(p => Scores(embed, result, mlp, layers, heads, length, p)));
        var (wholeEmbed, wholeResult, wholeMlp) = Dropped(golden, byPosition: false);
        golden.Add("graddrop/score_nodes", Scores(wholeEmbed, wholeResult, wholeMlp, layers, heads, 1, 0));
    }

    private static (GradDropResult Embed, GradDropResult Result, GradDropResult Mlp) Dropped(CircuitGolden golden, bool byPosition)
    {
        GradDropResult Of(UnitGrid grid) => golden.Study.AttributeWithGradDrop(byPosition ? grid.ByPosition() : grid);
        return (Of(Embed.ByLayer()), Of(Result.ByHead()), Of(MlpOut.ByLayer()));
    }

    private static IEnumerable<double> Scores(GradDropResult embed, GradDropResult result, GradDropResult mlp, int layers, int heads, int length, int p) =>
        Enumerable.Range(0, layers).SelectMany(layer => Enumerable.Range(0, heads).Select(head => result.Score.Values[(layer * heads + head) * length + p])
            .Append(mlp.Score.Values[layer * length + p])).Prepend(embed.Score.Values[p]);

    // The model as it is, with a key and a value for each group.
    private static void Grouped(CircuitGolden golden, ScalarType dtype)
    {
        using var model = GoldenModel.Load(golden.Name, processed: false, dtype);
        var study = golden.Contrast(model);
        foreach (var array in golden.File.Names.Where(n => n.StartsWith("grouped/", StringComparison.Ordinal)).ToArray())
        {
            var parts = array.Split('/')[^1].Split('_');
            var site = parts.Contains("k") ? K : V;
            var grid = array.Contains("all", StringComparison.Ordinal) ? site.ByHead() : site.ByHead().ByPosition();
            IEnumerable<double> ours = array.Contains("exact", StringComparison.Ordinal) ? study.Patch(grid).Effect.Values.ToArray()
                : array.Contains("qkfix", StringComparison.Ordinal) ? PerPrompt(study.AttributeWithQkFix(grid, together: array.Contains("all", StringComparison.Ordinal)))
                : PerPrompt(study.Attribute(grid));
            golden.Add(array, ours);
        }
    }

    private static IEnumerable<double> Each(NodeScores nodes, Func<int, double> value) => Enumerable.Range(0, nodes.Graph.Sources.Length).Select(value);

    private static IEnumerable<double> ByPromptAndPosition(NodeScores nodes) => Enumerable.Range(0, CircuitGolden.Batch).SelectMany(prompt =>
    {
        var rows = Each(nodes, 0, node => nodes.PerPosition(node, prompt));
        return Enumerable.Range(0, rows[0].Length).SelectMany(p => rows.Select(r => r[p]));
    });

    private static double[][] Each(NodeScores nodes, int first, Func<int, double[]> values) => [.. Enumerable.Range(first, nodes.Graph.Sources.Length - first).Select(values)];

    // [layer, head, pos] with the prompts' own values to [prompt, layer, head, pos].
    private static double[] PerPrompt(AttributionResult result)
    {
        var cells = Enumerable.Range(0, result.Effect.Count).Select(result.PerPrompt).ToArray();
        return [.. Enumerable.Range(0, cells[0].Length).SelectMany(prompt => cells.Select(c => c[prompt]))];
    }
}
