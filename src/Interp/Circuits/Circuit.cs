namespace Interp;

/// <summary>A set of edges of a model's graph: what is claimed to do the work.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Circuit : INotebookView
{
    private readonly HashSet<(int Source, int Target)> edges;

    private readonly Func<(int Source, int Target), double> score;

    internal Circuit(Contrast contrast, CircuitGraph graph, string method, Func<(int Source, int Target), double> score, IEnumerable<(int Source, int Target)> edges)
    {
        (Contrast, Graph, Method, this.score, this.edges) = (contrast, graph, method, score, [.. edges]);
    }

    /// <summary>The prompts and the metric.</summary>
    public Contrast Contrast { get; }

    /// <summary>The graph.</summary>
    public CircuitGraph Graph { get; }

    /// <summary>How the circuit was found.</summary>
    public string Method { get; }

    /// <summary>How many edges it has.</summary>
    public int Count => edges.Count;

    /// <summary>The edges with their scores, strongest first.</summary>
    public IEnumerable<(CircuitSource Source, CircuitTarget Target, double Score)> Edges =>
        edges.OrderByDescending(e => Math.Abs(score(e))).ThenBy(e => e).Select(e => (Graph.Sources[e.Source], Graph.Targets[e.Target], score(e)));

    /// <summary>The nodes that an edge leaves.</summary>
    public IEnumerable<CircuitSource> Nodes => edges.Select(e => e.Source).Distinct().Order().Select(s => Graph.Sources[s]);

    /// <summary>Whether an edge is in the circuit.</summary>
    /// <param name="source">A source's place in the graph.</param>
    /// <param name="target">A target's place in the graph.</param>
    public bool Contains(int source, int target) => edges.Contains((source, target));

    /// <summary>Whether an edge, written <c>a0.h1->a1.h3&lt;k&gt;</c>, is in the circuit.</summary>
    /// <exception cref="ArgumentException">The graph has no such edge.</exception>
    public bool Contains(string edge) => edges.Contains(Parse(Graph, edge));

    /// <summary>The circuit without nodes that nothing reaches or that reach nothing, and without their edges.</summary>
    /// <remarks>Under resampling its metric is the same; under zero and mean ablation a node that nothing reaches still writes its biases, until it is pruned.</remarks>
    public Circuit Pruned()
    {
        var left = edges.ToHashSet();
        while (true)
        {
            var leaving = left.Select(e => e.Source).ToHashSet();
            var reached = left.SelectMany(e => Graph.NodesOf(Graph.Targets[e.Target])).Append(0).ToHashSet();
            var removed = left.RemoveWhere(e => !reached.Contains(e.Source)
                || (Graph.Targets[e.Target].Kind != CircuitNodeKind.Logits && !Graph.NodesOf(Graph.Targets[e.Target]).Any(leaving.Contains)));
            if (removed == 0)
                return With(left);
        }
    }

    /// <summary>The edges that are not in the circuit.</summary>
    public Circuit Complement() => With(Graph.Edges().Where(e => !edges.Contains(e)));

    /// <summary>The mean metric of the clean prompts when every edge outside the circuit carries another value.</summary>
    /// <param name="ablation">What those edges carry: the corrupted run's value by default.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    public double Metric(CircuitAblation ablation = CircuitAblation.Resample, CancellationToken cancellation = default)
    {
        using var runner = new CircuitRunner(Contrast.CleanPlan, Contrast.CorruptedPlan, Graph, ablation, cancellation: cancellation);
        return runner.Measure(Contains, Contrast.Metric, cancellation).Average();
    }

    /// <summary>(metric of the circuit - of no edge) / (clean - of no edge): 1 where the circuit does all of the work, 0 where none.</summary>
    /// <remarks>With resampling the metric of no edge is the corrupted run's.</remarks>
    /// <param name="ablation">What edges outside carry.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    /// <exception cref="InvalidOperationException">The metrics of all edges and of none are too close to divide by their difference.</exception>
    public double Faithfulness(CircuitAblation ablation = CircuitAblation.Resample, CancellationToken cancellation = default)
    {
        using var runner = new CircuitRunner(Contrast.CleanPlan, Contrast.CorruptedPlan, Graph, ablation, cancellation: cancellation);
        double Measure(Func<int, int, bool> inside) => runner.Measure(inside, Contrast.Metric, cancellation).Average();
        var (clean, none) = (Contrast.CleanMetric().Average(), Measure((_, _) => false));
        return (Measure(Contains) - none) / Interp.Contrast.Range(clean, none, nameof(Metric));
    }

    /// <summary>What is left of the behaviour without the circuit: the faithfulness of its complement. Near 0 where the circuit is complete.</summary>
    /// <param name="ablation">What the circuit's own edges carry then.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    public double Incompleteness(CircuitAblation ablation = CircuitAblation.Resample, CancellationToken cancellation = default) =>
        Complement().Faithfulness(ablation, cancellation);

    /// <summary>The circuit without the edges that leave a node.</summary>
    /// <param name="node">The node.</param>
    public Circuit Without(CircuitSource node) => With(edges.Where(e => Graph.Sources[e.Source] != node));

    /// <summary>Shared edges over all edges of both (Jaccard).</summary>
    public double Overlap(Circuit other) =>
        edges.Count + other.edges.Count == 0 ? 1 : (double)edges.Intersect(other.edges).Count() / edges.Union(other.edges).Count();

    string INotebookView.Html => NotebookHtml.Under(ToString(), this.Draw().Fragment);

    /// <inheritdoc/>
    public override string ToString() => $"{Count} of {Graph.EdgeCount} edges by {Method}";

    private Circuit With(IEnumerable<(int Source, int Target)> others) => new(Contrast, Graph, Method, score, others);

    internal static (int Source, int Target) Parse(CircuitGraph graph, string edge)
    {
        var parts = edge.Split("->");
        var source = parts.Length == 2 ? graph.Sources.FirstOrDefault(s => s.ToString() == parts[0], new CircuitSource(CircuitNodeKind.Logits)) : default;
        var target = parts.Length == 2 ? graph.Targets.FirstOrDefault(t => t.ToString() == parts[1]) : default;
        var found = (graph.Sources.IndexOf(source), graph.Targets.IndexOf(target));
        return parts.Length == 2 && found.Item1 >= 0 && graph.Targets[Math.Max(found.Item2, 0)].ToString() == parts[1] && graph.HasEdge(found.Item1, found.Item2)
            ? found
            : throw new ArgumentException($"No edge '{edge}': write a source and a target such as 'a0.h1->a1.h3<k>', of {graph.Config.Layers} layers and {graph.Config.Heads} heads{(graph.Config.KvHeads == graph.Config.Heads ? "" : $" ({graph.Config.KvHeads} for keys and values, which query heads share; Ungrouped() gives each its own)")}.", nameof(edge));
    }
}
