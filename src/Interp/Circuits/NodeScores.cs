namespace Interp;

/// <summary>A score for every node that writes to the residual stream, by position and by dimension of the stream where the method gives them.</summary>
/// <remarks>Signs are those of <see cref="EdgeScores"/>: positive supports the clean behaviour in both directions.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class NodeScores : INotebookView
{
    private readonly double[] perPosition; // node, prompt, pos; without positions: node, prompt
    private readonly double[]? neurons; // node, d_model
    private readonly int positions;

    internal NodeScores(Contrast contrast, CircuitGraph graph, Method method, double[] perPosition, double[]? neurons)
    {
        (Contrast, Graph, Method) = (contrast, graph, method);
        double[] Signed(double[] values) => contrast.Direction == Direction.Noising ? [.. values.Select(v => v == 0 ? 0 : -v)] : values;
        (this.perPosition, this.neurons) = (Signed(perPosition), neurons is null ? null : Signed(neurons));
        positions = perPosition.Length / graph.Sources.Length / contrast.Base.Batch;
        Values = Array([Nodes], Enumerable.Range(0, graph.Sources.Length).Select(node => PerPrompt(node).Average()));
    }

    /// <summary>The prompts and the metric.</summary>
    public Contrast Contrast { get; }

    /// <summary>The graph, whose sources are the nodes.</summary>
    public CircuitGraph Graph { get; }

    /// <summary>How the nodes were scored.</summary>
    public Method Method { get; }

    /// <summary>Mean score over prompts, [node].</summary>
    public LabelledArray Values { get; }

    /// <summary>Mean score over prompts by position, [pos, node].</summary>
    /// <exception cref="InvalidOperationException">Nodes were patched at all positions at once.</exception>
    public LabelledArray ByPosition => Array(
        [new Axis("pos", neurons is null ? throw Whole("positions", "Patch(Z.ByHead().ByPosition())") : positions), Nodes],
        Enumerable.Range(0, positions).SelectMany(p => Enumerable.Range(0, Graph.Sources.Length).Select(node =>
            Enumerable.Range(0, Contrast.Base.Batch).Average(prompt => At(node, prompt, p)))));

    /// <summary>Mean score over prompts by dimension of the stream that the node writes to, [node, d_model].</summary>
    /// <exception cref="InvalidOperationException">Nodes were patched whole.</exception>
    public LabelledArray Neurons => Array(
        [Nodes, new Axis("d_model", Graph.Config.DModel)], neurons ?? throw Whole("dimensions", "Nodes(Method.Eap)"));

    /// <summary>The score of a node, prompt by prompt.</summary>
    /// <param name="node">The node's place among the graph's sources.</param>
    public double[] PerPrompt(int node) =>
        [.. Enumerable.Range(0, Contrast.Base.Batch).Select(prompt => Enumerable.Range(0, positions).Sum(p => At(node, prompt, p)))];

    /// <summary>The 95 % percentile bootstrap interval of a node's mean score, resampling prompts.</summary>
    /// <param name="node">The node's place among the graph's sources.</param>
    public Interval Interval(int node) => Bootstrap.Interval(PerPrompt(node), values => values.Average());

    /// <summary>The score of a node in one prompt, position by position.</summary>
    /// <param name="node">The node's place among the graph's sources.</param>
    /// <param name="prompt">The prompt.</param>
    /// <exception cref="InvalidOperationException">Nodes were patched at all positions at once.</exception>
    public double[] PerPosition(int node, int prompt) => neurons is null
        ? throw Whole("positions", "Patch(Z.ByHead().ByPosition())")
        : [.. Enumerable.Range(0, positions).Select(p => At(node, prompt, p))];

    /// <summary>The circuit of the nodes with the highest scores, by magnitude: all edges between them, from the input and to the logits.</summary>
    /// <param name="count">How many nodes, the input not counted.</param>
    public Circuit Top(int count)
    {
        var nodes = Enumerable.Range(1, Graph.Sources.Length - 1).OrderByDescending(node => Math.Abs(Values.Values[node])).Take(count).Append(0).ToHashSet();
        bool Reads(CircuitTarget target) => target.Kind == CircuitNodeKind.Logits || Graph.NodesOf(target).Any(nodes.Contains);
        var edges = Graph.Edges().Where(e => nodes.Contains(e.Source) && Reads(Graph.Targets[e.Target]));
        return new Circuit(Contrast, Graph, $"nodes, {Method}", e => Values.Values[e.Source], edges);
    }

    /// <summary>The circuit of the dimensions of nodes' outputs with the highest scores, by magnitude.</summary>
    /// <param name="count">How many dimensions, over all nodes.</param>
    /// <exception cref="InvalidOperationException">Nodes were patched whole.</exception>
    public NeuronCircuit TopNeurons(int count)
    {
        var values = Neurons.Values.ToArray();
        return new NeuronCircuit(this, Enumerable.Range(0, values.Length).OrderByDescending(i => Math.Abs(values[i])).Take(count).Select(i => (i / Graph.Config.DModel, i % Graph.Config.DModel)));
    }

    /// <summary>The nodes with the highest scores, by magnitude.</summary>
    public IReadOnlyList<LabelledValue> TopNodes(int count) => Values.Top(count);

    /// <summary>The nodes with the highest scores, by magnitude, as bars.</summary>
    /// <param name="count">How many nodes.</param>
    /// <param name="title">The title; by default says how nodes were scored.</param>
    public Figure Figure(int count = 20, string? title = null) => TopNodes(count).BarChart(title ?? $"Nodes by {Method}", Values.Quantity);

    /// <summary>Prints the table of scores.</summary>
    public void Print() => Values.Print();

    string INotebookView.Html => NotebookHtml.Strongest(ToString(), Values);

    /// <inheritdoc/>
    public override string ToString() => $"{Graph.Sources.Length} nodes by {Method}";

    /// <summary>What patching each node's output at all positions changes.</summary>
    internal static NodeScores Exact(Contrast contrast, CircuitGraph graph, CancellationToken cancellation)
    {
        var config = graph.Config;
        var prompts = contrast.Base.Batch;
        var unpatched = contrast.Measured(contrast.BasePlan);
        var values = new double[graph.Sources.Length * prompts];
        void Take(PatchResult result, Func<int, int> node)
        {
            for (var cell = 0; cell < result.Patched.Count; cell++)
                for (var prompt = 0; prompt < prompts; prompt++)
                    values[node(cell) * prompts + prompt] = result.PerPrompt(cell)[prompt] - unpatched[prompt];
        }

        Take(contrast.Patch(Sites.Embed.ByLayer(), cancellation: cancellation), _ => 0);
        Take(contrast.Patch(Sites.Z.ByHead(), cancellation: cancellation), cell => graph.FirstSource(cell / config.Heads) + cell % config.Heads);
        if (!config.AttentionOnly)
            Take(contrast.Patch(Sites.MlpOut.ByLayer(), cancellation: cancellation), layer => graph.FirstSource(layer) + config.Heads);
        return new NodeScores(contrast, graph, Method.Exact, values, null);
    }

    private Axis Nodes => new("node", Graph.Sources.Select(s => s.ToString()));

    private double At(int node, int prompt, int position) => perPosition[(node * Contrast.Base.Batch + prompt) * positions + position];

    private LabelledArray Array(IReadOnlyList<Axis> axes, IEnumerable<double> values) =>
        new(axes, values.ToArray(), $"effect on {Contrast.Metric.Name}", new Provenance { Model = Contrast.Model.Config.ModelName, Method = Method.ToString(), Metric = Contrast.Metric.Name });

    private InvalidOperationException Whole(string what, string way) => new($"'{Method}' patches whole nodes: it has no {what}. Use {way}.");
}
