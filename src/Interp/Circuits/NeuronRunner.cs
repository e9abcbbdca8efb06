namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Runs the clean prompts with dimensions of nodes' outputs outside a circuit carrying another value.</summary>
internal sealed class NeuronRunner(Contrast contrast, CircuitGraph graph, CircuitAblation ablation, CancellationToken cancellation) : IDisposable
{
    private readonly Dictionary<HookName, Tensor> theirs = OtherValues.Of(contrast.CorruptedPlan, ablation, cancellation);

    /// <summary>The metric of each prompt.</summary>
    /// <param name="inside">Whether a dimension of a node is in the circuit.</param>
    /// <param name="stop">Ends the run between two blocks.</param>
    public double[] Measure(Func<int, int, bool> inside, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var plan = contrast.CleanPlan.Apply(Sites.Embed, Mixed(new HookName(Sites.Embed), Outside(0, inside)));
        for (var layer = 0; layer < graph.Config.Layers; layer++)
        {
            plan = WithHeads(plan, layer, inside);
            if (!graph.Config.AttentionOnly)
                plan = plan.Apply(Sites.MlpOut[layer], Mixed(new HookName(Sites.MlpOut, layer), Outside(graph.FirstSource(layer) + graph.Config.Heads, inside)));
        }
        return plan.Measure(contrast.Metric, stop).Doubles();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in theirs.Values)
            tensor.Dispose();
    }

    // 1 where a dimension is outside, [d_model].
    private Tensor Outside(int node, Func<int, int, bool> inside) => tensor(
        Enumerable.Range(0, graph.Config.DModel).Select(d => inside(node, d) ? 0.0 : 1.0).ToArray(), dtype: contrast.Model.Dtype, device: contrast.Model.Device);

    private Func<Tensor, Tensor> Mixed(HookName name, Tensor outside) => x => x + (theirs[name] - x) * outside;

    // Heads write through one matrix: their change is made from z and added to what all of them write.
    private RunPlan WithHeads(RunPlan plan, int layer, Func<int, int, bool> inside)
    {
        var first = graph.FirstSource(layer);
        Tensor[] outside = [.. Enumerable.Range(first, graph.Config.Heads).Select(node => Outside(node, inside))];
        Tensor? change = null; // [batch, pos, d_model]
        return plan.Apply(Sites.Z[layer], z =>
        {
            var heads = CircuitGraph.OfHeads(contrast.Model, theirs[new HookName(Sites.Z, layer)] - z, layer);
            change = heads.Zip(outside, (head, mask) => head * mask).Aggregate((a, b) => a + b).DetachFromDisposeScope();
            return z;
        }).Apply(Sites.AttnOut[layer], x =>
        {
            using (change)
                return x + change!;
        });
    }
}
