namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The metric's change when one edge alone carries the source run's value.</summary>
/// <remarks>The target's input gets the source node's difference added, all else is the base run: one edit per edge, many edges a batch.</remarks>
internal sealed class ExactEdges(Contrast contrast, CircuitGraph graph, EdgeOptions options, CancellationToken cancellation)
{
    private HookedTransformer Model => contrast.Model;

    /// <summary>Changes of every edge for every prompt, [source, target, prompt].</summary>
    public double[] Run(IProgress<int>? progress) => Run(progress, Enumerable.Range(0, graph.Targets.Length), _ => true);

    /// <summary>Changes of the edges into some targets from some sources; zero for the others.</summary>
    public double[] Run(IProgress<int>? progress, IEnumerable<int> targets, Func<CircuitSource, bool> wanted)
    {
        using var scope = NewDisposeScope();
        using var differences = new SourceDifferences(contrast, cancellation);
        var prompts = contrast.Base.Batch;
        var unpatched = contrast.Measured(contrast.BasePlan);
        var perPass = PerPass(contrast, options);
        var result = new double[graph.Sources.Length * graph.Targets.Length * prompts];
        var done = 0;
        foreach (var target in targets)
        {
            var at = graph.Targets[target].InputRead;
            if (graph.Targets[target].Kind == CircuitNodeKind.Head)
                at = at.Head(graph.Targets[target].Head);
            foreach (var chunk in Enumerable.Range(0, graph.SourceCount(graph.Targets[target])).Where(s => wanted(graph.Sources[s])).Chunk(perPass))
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

    /// <summary>How many patched runs a pass may hold.</summary>
    /// <exception cref="ArgumentException">Not even one fits into the budget.</exception>
    internal static int PerPass(Contrast contrast, EdgeOptions options)
    {
        var config = contrast.Model.Config;
        var width = config.DModel * (2L * (config.Heads + config.KvHeads) + 12) + 4L * config.DMlp + 4L * config.Heads * contrast.Base.Length;
        var row = (width * contrast.Base.Length + 3L * config.VocabOut) * contrast.Base.Batch * contrast.Model.Weights.Embedding.element_size();
        return options.MemoryBudget >= row
            ? (int)Math.Min(options.MemoryBudget / row, 512)
            : throw new ArgumentException(
                $"One edge over {contrast.Base.Batch} prompts of {contrast.Base.Length} tokens needs about {row:N0} bytes, the budget is {options.MemoryBudget:N0}. Give at least that (EdgeOptions.MemoryBudget), or fewer prompts.");
    }

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
        return byLayer[node.Layer][source - graph.FirstSource(node.Layer)]; // [batch, pos, d_model]
    }
}
