namespace Interp;

using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Gradients of a metric with respect to what each target reads, layer by layer, from the small gradients at q, k and v.</summary>
/// <remarks>
/// The gradient at a head's query input is J^T (W_Q g_q), g_q the gradient at its queries and J the norm's Jacobian; likewise for keys and
/// values. So one backward pass with the model's ordinary activations is enough, and no head needs its own copy of the stream.
/// </remarks>
internal sealed class TargetGradients : IDisposable
{
    private readonly HookedTransformer model;
    private readonly GradientRun run;

    /// <summary>Runs a plan forward and backward.</summary>
    /// <param name="plan">What runs.</param>
    /// <param name="metric">What is differentiated.</param>
    /// <param name="kept">Activations that are wanted besides.</param>
    public TargetGradients(RunPlan plan, Metric metric, IReadOnlyList<Unit>? kept = null)
    {
        model = plan.Model;
        List<Unit> units = [Q, K, V, ResidPost[^1]];
        if (!model.Config.AttentionOnly)
            units.Add(MlpIn);
        run = GradientRun.Make(plan with { LogitPlaces = metric.Positions }, metric.Name, metric.PerPrompt, units, [.. kept ?? [], ResidPre]);
    }

    /// <summary>The run's activations.</summary>
    public ActivationCache Activations => run.Activations;

    /// <summary>The gradients, to check.</summary>
    public GradientRun Run => run;

    /// <summary>Gradients at the targets of some layers in the graph's order, [targets, batch, pos * d_model].</summary>
    /// <param name="first">The first layer; the number of layers for the logits.</param>
    /// <param name="count">How many layers.</param>
    public Tensor Block(int first, int count)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var config = model.Config;
        var perLayer = config.Heads + 2 * config.KvHeads + (config.AttentionOnly ? 0 : 1);
        var targets = Enumerable.Range(first, count).Sum(layer => layer == config.Layers ? 1 : perLayer);
        var last = run.Gradients[ResidPost[^1]]; // [batch, pos, d_model]
        var block = empty([targets, last.shape[0], last.shape[1], last.shape[2]], dtype: last.dtype, device: last.device);
        var row = 0L;
        for (var layer = first; layer < first + count; layer++)
            row = Fill(block, row, layer);
        return block.flatten(2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => run.Dispose();

    private long Fill(Tensor block, long row, int layer)
    {
        using var scope = NewDisposeScope();
        if (layer == model.Config.Layers)
        {
            block[row].copy_(run.Gradients[ResidPost[^1]]);
            return row + 1;
        }
        foreach (var (site, weights) in new[] { (Q, model.WQ(layer)), (K, model.WK(layer)), (V, model.WV(layer)) })
        {
            using var inner = NewDisposeScope();
            var heads = weights.shape[0];
            Reads(block.narrow(0, row, heads), run.Gradients[site[layer]].permute(2, 0, 1, 3).flatten(1, 2), layer, weights);
            row += heads;
        }
        if (!model.Config.AttentionOnly)
            block[row++].copy_(run.Gradients[MlpIn[layer]]);
        return row;
    }

    // gradient: [head, batch * pos, d_head]
    private void Reads(Tensor into, Tensor gradient, int layer, Tensor weights)
    {
        if (model.Blocks[layer].Norm1 is Norm norm)
            norm.GradientThroughReads(into, run.Activations[ResidPre[layer]], gradient, weights);
        else
            into.copy_(gradient.matmul(weights.transpose(1, 2)).view_as(into));
    }
}
