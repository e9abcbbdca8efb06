namespace Interp;

/// <summary>Circuits as figures.</summary>
public static class CircuitDrawing
{
    /// <summary>Draws a circuit in layers: the input at the bottom, the logits at the top; query, key and value edges say so on hover.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="title">The title; by default says how it was found.</param>
    public static Figure Draw(this Circuit circuit, string? title = null)
    {
        var names = circuit.Edges.SelectMany(e => new[] { e.Source.ToString(), NodeName(circuit, e.Target) }).Distinct().ToHashSet();
        var all = circuit.Graph.Sources.Select(s => new GraphNode(s.ToString(), Rank(s.Kind, s.Layer), s.Kind == CircuitNodeKind.Mlp ? 0.86 : null)).Append(new GraphNode("logits", 2 * circuit.Graph.Config.Layers + 1));
        GraphNode[] nodes = [.. all.Where(n => names.Contains(n.Label))];
        var places = nodes.Select((n, i) => (n.Label, i)).ToDictionary(n => n.Label, n => n.i);
        GraphEdge[] edges = [.. circuit.Edges.Select(e => new GraphEdge(places[e.Source.ToString()], places[NodeName(circuit, e.Target)], e.Score, $"{e.Source} → {e.Target}"))];
        return nodes.LayeredGraph(edges, title ?? $"Circuit of {circuit.Contrast.Model.Config.ModelName}", $"{circuit}; blue raises {circuit.Contrast.Metric.Name}, orange lowers it");
    }

    private static int Rank(CircuitNodeKind kind, int layer) => kind switch
    {
        CircuitNodeKind.Input => 0,
        CircuitNodeKind.Head => 2 * layer + 1,
        _ => 2 * layer + 2,
    };

    // A key-value head stands for its first query head's node.
    private static string NodeName(Circuit circuit, CircuitTarget target) =>
        target.Kind == CircuitNodeKind.Logits ? "logits" : circuit.Graph.Sources[circuit.Graph.NodesOf(target).First()].ToString();
}
