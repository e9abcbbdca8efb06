namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The metric's change when one edge alone carries the source run's value.</summary>
/// <remarks>The target's input gets the source node's difference added, all else is the base run: one edit per edge, many edges a batch.</remarks>
internal sealed class ExactEdges(Contrast contrast, CircuitGraph graph, CancellationToken cancellation)
{
    private const long RowBudget = 256L << 20;

    private HookedTransformer Model => contrast.Model;

    /// <summary>Changes of every edge for every prompt, [source, target, prompt].</summary>
    public double[] Run(IProgress<int>? progress)
    {
        using var scope = NewDisposeScope();
        using var differences = new SourceDifferences(contrast, cancellation);
        var prompts = contrast.Base.Batch;
        var unpatched = contrast.Measured(contrast.BasePlan);
        var result = new double[graph.Sources.Length * graph.Targets.Length * prompts];
        var done = 0;
        for (var target = 0; target < graph.Targets.Length; target++)
        {
            var at = Input(graph.Targets[target]);
            foreach (var chunk in Enumerable.Range(0, graph.SourceCount(graph.Targets[target])).Chunk(PerPass()))
            {
                var metrics = Pass(chunk, at, differences);
                for (var i = 0; i < chunk.Length; i++)
                    for (var prompt = 0; prompt < prompts; prompt++)
                        result[(chunk[i] * graph.Targets.Length + target) * prompts + prompt] = metrics[i * prompts + prompt] - unpatched[prompt];
                progress?.Report(done += chunk.Length);
            }
        }
        return result;
    }

    /// <summary>The unit that a target reads.</summary>
    internal static Unit Input(CircuitTarget target) => target.Kind switch
    {
        CircuitNodeKind.Logits => Sites.ResidPost[target.Layer - 1],
        CircuitNodeKind.Mlp => Sites.MlpIn[target.Layer],
        _ => (target.Input switch { HeadInput.Query => Sites.QInput, HeadInput.Key => Sites.KInput, _ => Sites.VInput })[target.Layer].Head(target.Head),
    };

    private double[] Pass(int[] sources, Unit at, SourceDifferences differences)
    {
        using var scope = NewDisposeScope();
        cancellation.ThrowIfCancellationRequested();
        var byLayer = sources.GroupBy(s => graph.Sources[s].Layer).ToDictionary(g => g.Key, g => differences.At(g.Key));
        var variants = sources.Select(s => new Variant($"{graph.Sources[s]}", new Edit(at, Interventions.Add(Difference(s, byLayer)))));
        var logits = contrast.BasePlan.Variants(variants).LogitsAt(contrast.Metric.Positions).Logits(cancellation);
        var prompts = contrast.Base.Batch;
        return Contrast.Numbers(cat([.. sources.Select((_, i) => contrast.Metric.PerPrompt(logits.narrow(0, (long)i * prompts, prompts)))], 0));
    }

    private Tensor Difference(int source, Dictionary<int, Tensor> byLayer)
    {
        var node = graph.Sources[source];
        var first = node.Kind == CircuitNodeKind.Input ? 0 : 1 + node.Layer * (graph.Config.Heads + (graph.Config.AttentionOnly ? 0 : 1));
        return byLayer[node.Layer][source - first]; // [batch, pos, d_model]
    }

    private int PerPass()
    {
        var config = Model.Config;
        var row = (long)contrast.Base.Batch * contrast.Base.Length * (config.DModel * (config.Heads + 8L) + 3L * config.DMlp) * 4;
        return (int)Math.Clamp(RowBudget / row, 1, 512);
    }
}
