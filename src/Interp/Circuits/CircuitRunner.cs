namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Runs prompts with every edge outside a circuit carrying another value.</summary>
/// <remarks>
/// While the run goes on, each source's other output minus its current one is kept; a target's input has those of its edges outside the
/// circuit added. A full circuit gives the run itself; an empty one, under resampling, the other run.
/// </remarks>
internal sealed class CircuitRunner : IDisposable
{
    private readonly RunPlan own;
    private readonly CircuitGraph graph;
    private readonly Dictionary<HookName, Tensor> theirs;
    private readonly Run? kept; // the run itself, so that circuits that are whole in the first layers start behind them
    private readonly Tensor? keptDifferences; // [sources, batch, pos, d_model]

    /// <summary>Runs the other prompts once, for any number of circuits.</summary>
    public CircuitRunner(
        RunPlan own, RunPlan other, CircuitGraph graph, CircuitAblation ablation = CircuitAblation.Resample, bool many = false, CancellationToken cancellation = default)
    {
        (this.own, this.graph) = (own, graph);
        using var noGradient = no_grad();
        theirs = OtherValues.Of(other, ablation, cancellation);
        if (!many)
            return;
        kept = own.Capture([.. GradientPlans.Written(graph.Config), Sites.ResidPre]).WithoutLogits().Run(cancellation);
        using var scope = NewDisposeScope();
        keptDifferences = stack(graph.SourcesByLayer().SelectMany(g => Sources(g.Layer, site => kept[site])), 0).DetachFromDisposeScope();
    }

    private HookedTransformer Model => own.Model;

    /// <summary>The metric of each prompt.</summary>
    /// <param name="edges">Whether an edge, by its source's and target's place in the graph, is in the circuit.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    public double[] Measure(Func<int, int, bool> edges, Metric metric, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var written = new WrittenDifferences(graph.Sources.Length, graph: false);
        var masks = graph.TargetGroups().Select(targets => (targets, Mask: Outside(targets, edges))).Where(g => g.Mask is not null).ToList();
        var first = kept is null ? 0 : masks.Count == 0 ? Model.Config.Layers - 1 : Math.Min(graph.Targets[masks[0].targets[0]].Layer, Model.Config.Layers - 1);
        var plan = own;
        if (first > 0)
        {
            plan = plan.StartAt(first, kept![Sites.ResidPre[first]]);
            written.Begin(keptDifferences!.narrow(0, 0, graph.FirstSource(first)));
        }
        return Plan(plan, first, written, masks!).Measure(metric, cancellation).Doubles();
    }

    /// <summary>The metric's gradient with respect to a mask over edges, each prompt's its own, [source, target, prompt].</summary>
    /// <param name="at">Every edge's mask: 0 where it carries the run's own value, 1 the other.</param>
    /// <param name="metric">What is differentiated.</param>
    /// <param name="cancellation">Ends the run between two blocks.</param>
    public double[] MaskGradients(double at, Metric metric, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var mode = enable_grad();
        using var written = new WrittenDifferences(graph.Sources.Length, graph: true);
        var prompts = own.Input.Batch;
        var masks = graph.TargetGroups().Select(targets => (targets, Mask: Tensors([prompts, targets.Length, graph.SourceCount(graph.Targets[targets[0]])], at))).ToList();
        var plan = Plan(own with { LogitPlaces = metric.Positions, Captures = [] }, 0, written, masks);
        var outcome = ForwardEngine.Run(plan.Request(null, gradients: true, cancellation));
        var slopes = autograd.grad([metric.PerPrompt(outcome.Logits!).sum()], masks.Select(m => m.Mask).ToList());
        var result = new double[graph.Sources.Length * graph.Targets.Length * prompts];
        for (var group = 0; group < masks.Count; group++)
        {
            var (targets, values) = (masks[group].targets, slopes[group].Doubles());
            var sources = values.Length / prompts / targets.Length;
            for (var i = 0; i < values.Length; i++) // prompt, target, source
                result[(i % sources * graph.Targets.Length + targets[i / sources % targets.Length]) * prompts + i / sources / targets.Length] = values[i];
        }
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        kept?.Dispose();
        keptDifferences?.Dispose();
        foreach (var tensor in theirs.Values)
            tensor.Dispose();
    }

    private Tensor Tensors(long[] shape, double value) => full(shape, value, dtype: Model.Dtype, device: Model.Device).requires_grad_(true);

    // 1 where an edge is outside, [targets, sources]; null where all are inside.
    private Tensor? Outside(int[] targets, Func<int, int, bool> edges)
    {
        var sources = graph.SourceCount(graph.Targets[targets[0]]);
        var outside = targets.SelectMany(t => Enumerable.Range(0, sources).Select(s => edges(s, t) ? 0.0 : 1.0)).ToArray();
        return Array.IndexOf(outside, 1.0) < 0 ? null : tensor(outside, [targets.Length, sources], dtype: Model.Dtype, device: Model.Device);
    }

    private RunPlan Plan(RunPlan plan, int first, WrittenDifferences written, IReadOnlyList<(int[] Targets, Tensor Mask)> masks)
    {
        if (first == 0)
            plan = plan.Intervene(Sites.Embed, Watch(written, x => [theirs[new HookName(Sites.Embed)] - x]));
        foreach (var (targets, mask) in masks.Where(m => graph.Targets[m.Targets[0]].Kind == CircuitNodeKind.Head))
            plan = plan.Intervene(graph.Targets[targets[0]].InputRead, Fed(written, mask));
        for (var layer = first; layer < graph.Config.Layers; layer++)
        {
            var at = layer;
            plan = plan.Intervene(Sites.Z[at], Watch(written, z => CircuitGraph.OfHeads(Model, theirs[new HookName(Sites.Z, at)] - z, at)));
            if (!graph.Config.AttentionOnly)
                plan = plan.Intervene(Sites.MlpOut[at], Watch(written, x => [theirs[new HookName(Sites.MlpOut, at)] - x]));
        }
        foreach (var (targets, mask) in masks.Where(m => graph.Targets[m.Targets[0]].Kind != CircuitNodeKind.Head))
            plan = plan.Intervene(graph.Targets[targets[0]].InputRead, Fed(written, mask));
        return plan;
    }

    private IEnumerable<Tensor> Sources(int layer, Func<Unit, Tensor> values)
    {
        Tensor Difference(Unit unit, HookName name) => theirs[name] - values(unit);
        if (layer < 0)
            return [Difference(Sites.Embed, new HookName(Sites.Embed))];
        var heads = CircuitGraph.OfHeads(Model, Difference(Sites.Z[layer], new HookName(Sites.Z, layer)), layer);
        return graph.Config.AttentionOnly ? heads : heads.Append(Difference(Sites.MlpOut[layer], new HookName(Sites.MlpOut, layer)));
    }

    // Keeps what sources write and changes nothing.
    private static IIntervention Watch(WrittenDifferences written, Func<Tensor, IEnumerable<Tensor>> outputs) => Interventions.Apply(x =>
    {
        written.Add(outputs(x));
        return x;
    });

    // Adds, to each target's input, what its edges outside the circuit carry instead. The mask is [targets, sources], or one for each prompt.
    private static IIntervention Fed(WrittenDifferences written, Tensor mask) => Interventions.Apply(x =>
    {
        var sources = written.First((int)mask.shape[^1]); // [source, batch, pos, d_model]
        var rows = mask.dim() == 2
            ? mask.matmul(sources.flatten(1)).view(mask.shape[0], x.shape[0], x.shape[1], -1) // [target, batch, pos, d_model]
            : mask.matmul(sources.transpose(0, 1).flatten(2)).view(x.shape[0], mask.shape[1], x.shape[1], -1).transpose(0, 1);
        return x + (x.dim() == 4 ? rows.permute(1, 2, 0, 3) : rows[0]);
    });
}
