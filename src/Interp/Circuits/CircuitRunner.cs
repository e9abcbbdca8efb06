namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Runs the clean prompts with every edge outside a circuit carrying the corrupted run's value.</summary>
/// <remarks>
/// While the run goes on, each source's corrupted output minus its current one is kept; a target's input has those of its edges outside the
/// circuit added. An empty circuit gives the corrupted run, a full one the clean run.
/// </remarks>
internal sealed class CircuitRunner : IDisposable
{
    private readonly Contrast contrast;
    private readonly CircuitGraph graph;
    private readonly Run corrupted;
    private readonly List<Tensor> turned = []; // per source, corrupted minus current output, [batch, pos, d_model]
    private Func<int, int, bool> contains = (_, _) => true;

    /// <summary>Runs the corrupted prompts once, for any number of circuits.</summary>
    public CircuitRunner(Contrast contrast, CircuitGraph graph, CancellationToken cancellation = default)
    {
        (this.contrast, this.graph) = (contrast, graph);
        List<Unit> sites = graph.Config.AttentionOnly ? [Sites.Embed, Sites.Z] : [Sites.Embed, Sites.Z, Sites.MlpOut];
        corrupted = contrast.CorruptedPlan.Capture(sites).WithoutLogits().Run(cancellation);
    }

    private HookedTransformer Model => contrast.Model;

    /// <summary>The metric of each prompt.</summary>
    /// <param name="edges">Whether an edge, by its source's and target's place in the graph, is in the circuit.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    public double[] Measure(Func<int, int, bool> edges, Metric metric, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        contains = edges;
        try
        {
            return Contrast.Numbers(Plan(corrupted.Cache).Measure(metric, cancellation));
        }
        finally
        {
            turned.ForEach(t => t.Dispose());
            turned.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => corrupted.Dispose();

    private RunPlan Plan(ActivationCache theirs)
    {
        var plan = contrast.CleanPlan.Intervene(Sites.Embed, Watch(x => [theirs[Sites.Embed] - x]));
        for (var layer = 0; layer < graph.Config.Layers; layer++)
        {
            var at = layer;
            foreach (var input in new[] { HeadInput.Query, HeadInput.Key, HeadInput.Value })
                plan = plan.Intervene(ExactEdges.Input(new CircuitTarget(CircuitNodeKind.Head, layer, 0, input)).Head(Indices.All), Fed(t => t.Kind == CircuitNodeKind.Head && t.Layer == at && t.Input == input));
            plan = plan.Intervene(Sites.Z[layer], Watch(z => Heads(theirs[Sites.Z[at]] - z, at)));
            if (graph.Config.AttentionOnly)
                continue;
            plan = plan.Intervene(Sites.MlpIn[layer], Fed(t => t.Kind == CircuitNodeKind.Mlp && t.Layer == at));
            plan = plan.Intervene(Sites.MlpOut[layer], Watch(x => [theirs[Sites.MlpOut[at]] - x]));
        }
        return plan.Intervene(Sites.ResidPost[^1], Fed(t => t.Kind == CircuitNodeKind.Logits));
    }

    private IEnumerable<Tensor> Heads(Tensor difference, int layer) =>
        difference.permute(2, 0, 1, 3).matmul(Model.WO(layer).unsqueeze(1)).unbind(0); // [batch, pos, d_model] each

    // Keeps what sources write and changes nothing.
    private IIntervention Watch(Func<Tensor, IEnumerable<Tensor>> outputs) => Interventions.Apply(x =>
    {
        turned.AddRange(outputs(x).Select(t => t.DetachFromDisposeScope()));
        return x;
    });

    // Adds, to each target's input, what its edges outside the circuit carry instead.
    private IIntervention Fed(Func<CircuitTarget, bool> which) => Interventions.Apply(x =>
    {
        var targets = Enumerable.Range(0, graph.Targets.Length).Where(t => which(graph.Targets[t])).ToArray();
        var sources = graph.SourceCount(graph.Targets[targets[0]]);
        var outside = targets.SelectMany(t => Enumerable.Range(0, sources).Select(s => contains(s, t) ? 0.0 : 1.0)).ToArray();
        var mask = tensor(outside, [targets.Length, sources], dtype: x.dtype, device: x.device);
        var added = mask.matmul(stack(turned.Take(sources), 0).flatten(1)).view(targets.Length, x.shape[0], x.shape[1], -1); // [target, batch, pos, d_model]
        return x + (x.dim() == 4 ? added.permute(1, 2, 0, 3) : added[0]);
    });
}
