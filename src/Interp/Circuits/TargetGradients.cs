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
        run = GradientRun.Make(plan, metric, units, [.. kept ?? [], ResidPre]);
    }

    /// <summary>The run's activations.</summary>
    public ActivationCache Activations => run.Activations;

    /// <summary>The gradients, to check.</summary>
    public GradientRun Run => run;

    /// <summary>Gradients at what the heads of a layer read, queries, keys, then values, [targets, batch, pos * d_model].</summary>
    public Tensor Heads(int layer)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var stream = run.Activations[ResidPre[layer]]; // [batch, pos, d_model]
        var gradients = new[] { Q, K, V }.Select(site => run.Gradients[site[layer]].permute(2, 0, 1, 3).flatten(1, 2)).ToArray();
        var gradient = cat(gradients, 0); // [targets, batch * pos, d_head]
        var weights = model.Weights.Blocks[layer].Attention.Qkv; // [d_model, targets * d_head]
        var read = model.Blocks[layer].Norm1 is Norm norm
            ? norm.GradientThroughReads(stream.flatten(0, 1), gradient, weights)
            : gradient.matmul(weights.unflatten(1, [gradient.shape[0], -1]).permute(1, 2, 0));
        return read.view(gradient.shape[0], stream.shape[0], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Gradients at what each MLP reads, and at the last stream, which the logits read, [MLPs and logits, batch, pos * d_model].</summary>
    public Tensor Others()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        List<Tensor> read = model.Config.AttentionOnly ? [] : [.. Enumerable.Range(0, model.Config.Layers).Select(layer => run.Gradients[MlpIn[layer]])];
        return stack(read.Append(run.Gradients[ResidPost[^1]]), 0).flatten(2).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => run.Dispose();
}
