namespace Interp;

using System.Collections.Immutable;

/// <summary>The computational graph of a transformer: what writes to the residual stream, what reads it, and which may reach which.</summary>
/// <remarks>
/// Sources: the input, then for each layer its heads and its MLP. Targets: for each layer all heads' queries, keys, values, then its MLP;
/// the logits last (Syed et al. 2023; Hanna et al. 2024). A source reaches a target that reads the stream after the source has written;
/// in parallel blocks the MLP does not see the heads of its own layer. Under grouped queries keys and values are targets per key-value head.
/// </remarks>
public sealed class CircuitGraph
{
    /// <summary>The graph of a model of the given description.</summary>
    public CircuitGraph(TransformerConfig config)
    {
        Config = config;
        var sources = ImmutableArray.CreateBuilder<CircuitSource>();
        var targets = ImmutableArray.CreateBuilder<CircuitTarget>();
        sources.Add(new CircuitSource(CircuitNodeKind.Input));
        for (var layer = 0; layer < config.Layers; layer++)
        {
            for (var head = 0; head < config.Heads; head++)
                sources.Add(new CircuitSource(CircuitNodeKind.Head, layer, head));
            foreach (var (input, heads) in new[] { (HeadInput.Query, config.Heads), (HeadInput.Key, config.KvHeads), (HeadInput.Value, config.KvHeads) })
                for (var head = 0; head < heads; head++)
                    targets.Add(new CircuitTarget(CircuitNodeKind.Head, layer, head, input));
            if (config.AttentionOnly)
                continue;
            sources.Add(new CircuitSource(CircuitNodeKind.Mlp, layer));
            targets.Add(new CircuitTarget(CircuitNodeKind.Mlp, layer));
        }
        targets.Add(new CircuitTarget(CircuitNodeKind.Logits, config.Layers));
        (Sources, Targets) = (sources.ToImmutable(), targets.ToImmutable());
    }

    /// <summary>What the model is built of.</summary>
    public TransformerConfig Config { get; }

    /// <summary>The nodes that write.</summary>
    public ImmutableArray<CircuitSource> Sources { get; }

    /// <summary>The inputs of nodes that read.</summary>
    public ImmutableArray<CircuitTarget> Targets { get; }

    /// <summary>How many edges there are.</summary>
    public int EdgeCount => Targets.Sum(SourceCount);

    /// <summary>Whether a source reaches a target.</summary>
    public bool HasEdge(int source, int target) => source < SourceCount(Targets[target]);

    /// <summary>How many sources reach a target: they are the first ones.</summary>
    public int SourceCount(CircuitTarget target)
    {
        var perLayer = Config.Heads + (Config.AttentionOnly ? 0 : 1);
        var own = target.Kind == CircuitNodeKind.Mlp && !Config.ParallelBlocks ? Config.Heads : 0;
        return 1 + target.Layer * perLayer + own;
    }

    /// <summary>Every edge as places of source and target, target by target.</summary>
    internal IEnumerable<(int Source, int Target)> Edges() =>
        Enumerable.Range(0, Targets.Length).SelectMany(t => Enumerable.Range(0, SourceCount(Targets[t])).Select(s => (s, t)));

    /// <summary>The source that a target's node is; -1 for the logits. A key-value head's node is its first query head.</summary>
    internal IEnumerable<int> NodesOf(CircuitTarget target)
    {
        if (target.Kind == CircuitNodeKind.Logits)
            yield break;
        if (target.Kind == CircuitNodeKind.Mlp)
        {
            yield return Sources.IndexOf(new CircuitSource(CircuitNodeKind.Mlp, target.Layer));
            yield break;
        }
        var group = target.Input == HeadInput.Query ? 1 : Config.Heads / Config.KvHeads;
        var first = Sources.IndexOf(new CircuitSource(CircuitNodeKind.Head, target.Layer, target.Head * group));
        for (var i = 0; i < group; i++)
            yield return first + i;
    }
}
