namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>The computational graph of a transformer: what writes to the residual stream, what reads it, and which may reach which.</summary>
/// <remarks>
/// Sources: the input, then for each layer its heads and its MLP. Targets: for each layer all heads' queries, keys, values, then its MLP;
/// the logits last (Syed et al. 2023; Hanna et al. 2024). A source reaches a target that reads the stream after the source has written;
/// in parallel blocks the MLP does not see the heads of its own layer. Under grouped queries keys and values are targets per key-value head.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
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

    /// <summary>How many nodes and edges there are.</summary>
    public override string ToString() => $"{Config.ModelName}: {Sources.Length} nodes, {EdgeCount} edges";

    /// <summary>The place of the first source of a layer; -1 is the input's layer.</summary>
    internal int FirstSource(int layer) => layer < 0 ? 0 : 1 + layer * (Config.Heads + (Config.AttentionOnly ? 0 : 1));

    /// <summary>The place of the first target of a layer; the logits are behind the last layer.</summary>
    internal int FirstTarget(int layer) => layer * (Config.Heads + 2 * Config.KvHeads + (Config.AttentionOnly ? 0 : 1));

    /// <summary>The layers of sources, the input first, and the place of each one's first source.</summary>
    internal IEnumerable<(int Layer, int First)> SourcesByLayer() => Enumerable.Range(-1, Config.Layers + 1).Select(layer => (layer, FirstSource(layer)));

    /// <summary>Targets that read at one site of one layer: queries, keys, values, the MLP; the logits last.</summary>
    internal IEnumerable<int[]> TargetGroups() =>
        Enumerable.Range(0, Targets.Length).GroupBy(t => (Targets[t].Layer, Targets[t].Kind, Targets[t].Input)).Select(g => g.ToArray());

    /// <summary>What each source of a layer wrote in a run that captured the sites that nodes write, [batch, pos, d_model] each.</summary>
    internal IEnumerable<Tensor> Written(HookedTransformer model, ActivationCache cache, int layer)
    {
        if (layer < 0)
            return [cache[Sites.Embed]];
        var heads = OfHeads(model, cache[Sites.Z[layer]], layer);
        return Config.AttentionOnly ? heads : heads.Append(cache[Sites.MlpOut[layer]]);
    }

    /// <summary>What heads write, or a difference of it, from z, [batch, pos, d_model] each.</summary>
    internal static IEnumerable<Tensor> OfHeads(HookedTransformer model, Tensor z, int layer) =>
        z.permute(2, 0, 1, 3).flatten(1, 2).matmul(model.WO(layer)).unflatten(1, [z.shape[0], z.shape[1]]).unbind(0);

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
