namespace Interp;

/// <summary>A score for every edge of a model's graph.</summary>
/// <remarks>
/// Signs follow the contrast's direction. Denoising: estimated change of the metric when the edge alone carries the clean run's value.
/// Noising: minus the change when it carries the corrupted run's value. Positive supports the clean behaviour in both. Information-flow
/// routes have no sign: shares between 0 and 1.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class EdgeScores : INotebookView
{
    private readonly double[] perPrompt;

    internal EdgeScores(Contrast contrast, CircuitGraph graph, Method method, double[] perPrompt)
    {
        (Contrast, Graph, Method) = (contrast, graph, method);
        var sign = contrast.Direction == Direction.Noising && method is not Method.InformationFlowMethod ? -1 : 1;
        this.perPrompt = [.. perPrompt.Select(v => v == 0 ? 0 : sign * v)];
        var prompts = contrast.Base.Batch;
        var means = this.perPrompt.Chunk(prompts).Select(c => c.Average()).ToArray();
        Values = new LabelledArray(
            [new Axis("source", graph.Sources.Select(s => s.ToString())), new Axis("target", graph.Targets.Select(t => t.ToString()))],
            means, $"effect on {contrast.Metric.Name}", new Provenance { Model = contrast.Model.Config.ModelName, Method = method.ToString(), Metric = contrast.Metric.Name });
    }

    /// <summary>The prompts and the metric.</summary>
    public Contrast Contrast { get; }

    /// <summary>The graph.</summary>
    public CircuitGraph Graph { get; }

    /// <summary>How the edges were scored.</summary>
    public Method Method { get; }

    /// <summary>Mean score over prompts, [source, target]; zero where there is no edge.</summary>
    public LabelledArray Values { get; }

    /// <summary>The same scores by edge, [edge]: what is no edge is left out.</summary>
    public LabelledArray ByEdge
    {
        get
        {
            var edges = Graph.Edges().ToArray();
            return new LabelledArray([new Axis("edge", edges.Select(e => $"{Graph.Sources[e.Source]}->{Graph.Targets[e.Target]}"))], [.. edges.Select(Score)], Values.Quantity, Values.Provenance);
        }
    }

    /// <summary>How two ways to score edges agree.</summary>
    /// <param name="other">Scores of the same graph.</param>
    /// <param name="topK">How many of the largest are compared; null takes 10, or all where there are fewer.</param>
    /// <exception cref="ArgumentException">The graphs differ.</exception>
    public Comparison Compare(EdgeScores other, int? topK = null) => ByEdge.Compare(other.ByEdge.With(Values.Quantity), topK);

    /// <summary>The score of an edge, prompt by prompt.</summary>
    public double[] PerPrompt(int source, int target) =>
        perPrompt.AsSpan((source * Graph.Targets.Length + target) * Contrast.Base.Batch, Contrast.Base.Batch).ToArray();

    /// <summary>The 95 % percentile bootstrap interval of an edge's mean score, resampling prompts.</summary>
    public Interval Interval(int source, int target) => Bootstrap.Interval(PerPrompt(source, target), values => values.Average());

    /// <summary>The edges with the highest scores; equal ones in the graph's order.</summary>
    /// <param name="count">How many edges.</param>
    /// <param name="byMagnitude">Whether negative scores count by magnitude, or come last.</param>
    public Circuit Top(int count, bool byMagnitude = true) =>
        Of(Graph.Edges().OrderByDescending(e => byMagnitude ? Math.Abs(Score(e)) : Score(e)).Take(count));

    /// <summary>The edges whose score's magnitude is at least a threshold.</summary>
    public Circuit Above(double threshold) => Of(Graph.Edges().Where(e => Math.Abs(Score(e)) >= threshold));

    /// <summary>Grows a circuit from the logits: each step takes the highest-scoring edge into the circuit as it is (Hanna et al. 2024).</summary>
    /// <param name="count">How many edges.</param>
    /// <param name="byMagnitude">Whether negative scores count by magnitude, or come last.</param>
    public Circuit Greedy(int count, bool byMagnitude = true) => Of(GreedyOrder(byMagnitude).Take(count));

    /// <summary>The scores as a heat map, sources down and targets across.</summary>
    /// <param name="title">The title; by default says how edges were scored.</param>
    public Figure Heatmap(string? title = null) => Values.Heatmap(title ?? $"Edges by {Method}");

    string INotebookView.Html => NotebookHtml.Strongest(ToString(), ByEdge);

    /// <inheritdoc/>
    public override string ToString() => $"{Graph.EdgeCount:N0} edges by {Method}";

    internal double Score((int Source, int Target) edge) => Values.Values[edge.Source * Graph.Targets.Length + edge.Target];

    private Circuit Of(IEnumerable<(int Source, int Target)> edges) => new(Contrast, Graph, Method.ToString(), Score, edges);

    private IEnumerable<(int Source, int Target)> GreedyOrder(bool byMagnitude)
    {
        var open = new PriorityQueue<(int Source, int Target), (double, int)>();
        var (inside, order) = (new HashSet<int>(), 0);
        void Open(int target)
        {
            for (var source = 0; source < Graph.SourceCount(Graph.Targets[target]); source++)
                open.Enqueue((source, target), (byMagnitude ? -Math.Abs(Score((source, target))) : -Score((source, target)), order++));
        }

        Open(Graph.Targets.Length - 1);
        while (open.TryDequeue(out var edge, out _))
        {
            yield return edge;
            if (!inside.Add(edge.Source))
                continue;
            for (var target = 0; target < Graph.Targets.Length; target++)
                if (Graph.NodesOf(Graph.Targets[target]).Any(node => node == edge.Source) && !Graph.NodesOf(Graph.Targets[target]).Any(n => n != edge.Source && inside.Contains(n)))
                    Open(target);
        }
    }
}
