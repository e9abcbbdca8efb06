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

    public TargetGradients(RunPlan plan, Metric metric)
    {
        model = plan.Model;
        List<Unit> units = [ResidPre, Q, K, V, ResidPost[^1]];
        if (!model.Config.AttentionOnly)
            units.Add(MlpIn);
        run = plan.Gradients(metric, units);
    }

    /// <summary>Gradients at a layer's targets in the graph's order, [targets, batch, pos, d_model].</summary>
    public Tensor At(int layer)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (layer == model.Config.Layers)
            return run.Gradients[new HookName(ResidPost, layer - 1)].unsqueeze(0).MoveToOuterDisposeScope();
        var stream = run.Activations[new HookName(ResidPre, layer)];
        List<Tensor> parts = [Reads(Q, layer, model.WQ(layer), stream), Reads(K, layer, model.WK(layer), stream), Reads(V, layer, model.WV(layer), stream)];
        if (!model.Config.AttentionOnly)
            parts.Add(run.Gradients[new HookName(MlpIn, layer)].unsqueeze(0));
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => run.Dispose();

    // [head, batch, pos, d_model]
    private Tensor Reads(Site site, int layer, Tensor weights, Tensor stream)
    {
        var gradient = run.Gradients[new HookName(site, layer)]; // [batch, pos, head, d_head]
        var normed = gradient.permute(2, 0, 1, 3).matmul(weights.transpose(1, 2).unsqueeze(1)); // [head, batch, pos, d_model]
        return model.Blocks[layer].Norm1 is Norm norm ? norm.GradientOfInput(stream, normed) : normed;
    }
}
