namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Per-head scaling vectors: in a run, trained with the model frozen, and folded into the weights.</summary>
public static class HeadScalingExtensions
{
    /// <summary>Multiplies z of the scaled heads, at every position.</summary>
    /// <exception cref="ArgumentException">A head does not exist in the model, or its vector has another length.</exception>
    public static RunPlan ScaleHeads(this RunPlan plan, HeadScaling scaling)
    {
        var config = plan.Model.Config;
        foreach (var (layer, factors) in scaling.ByLayer(config))
            plan = plan.Intervene(Sites.Z[layer], Interventions.Apply(
                z => z * tensor(factors, [config.Heads, config.DHead], dtype: z.dtype, device: z.device), $"scale heads of layer {layer}"));
        return plan;
    }

    /// <summary>Trains scaling vectors, from ones, so that a loss of the logits becomes small; the model stays as it is.</summary>
    /// <param name="plan">The prompts, all of them in every step; edits and <c>LogitsAt</c> of the plan hold.</param>
    /// <param name="heads">Units of z narrowed to heads, such as <c>Z[2].Head(6)</c>.</param>
    /// <param name="loss">From the logits, [rows, place, d_vocab], to one number; it is minimised.</param>
    /// <param name="options">Steps, rates, clipping; weight decay does not act on vectors. Null is 100 steps at 0.05.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <exception cref="ArgumentException">Heads, options or the model's type are wrong, or the loss is no single number.</exception>
    /// <exception cref="ArithmeticException">The loss is not a finite number.</exception>
    public static HeadScaling TrainHeadScaling(
        this RunPlan plan, IEnumerable<Unit> heads, Func<Tensor, Tensor> loss, TrainingOptions? options = null, IProgress<TrainingStep>? progress = null,
        CancellationToken cancellation = default)
    {
        var (model, config) = (plan.Model, plan.Model.Config);
        if (model.Dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"The model is {model.Dtype}: train in float32 (To(ScalarType.Float32)); the vectors serve the other too.", nameof(plan));
        var start = HeadScaling.Of(model, heads);
        using var scope = NewDisposeScope();
        var vectors = start.Heads.Select(_ => ones([config.DHead], dtype: model.Dtype, device: model.Device).requires_grad_(true)).ToArray();
        var trained = (plan with { Captures = [] });
        foreach (var layer in start.Heads.Select((head, i) => (head.Layer, head.Head, Vector: vectors[i])).GroupBy(h => h.Layer))
            trained = trained.Intervene(Sites.Z[layer.Key], Interventions.Apply(z => Scaled(z, [.. layer.Select(h => (h.Head, h.Vector))]), "trained scaling"));
        TrainingLoop.Minimise(vectors, _ => Loss(trained, loss, cancellation), options ?? new TrainingOptions { Steps = 100, LearningRate = 0.05, WarmUp = 5, WeightDecay = 0 }, progress, cancellation);
        return start.Heads.Zip(vectors).Aggregate(start, (scaling, pair) => scaling.With(pair.First.Layer, pair.First.Head, pair.Second.Doubles()));
    }

    /// <summary>Trains scaling vectors, from ones, so that a metric's mean over the prompts becomes small, or large.</summary>
    /// <param name="plan">The prompts, all of them in every step; edits of the plan are live.</param>
    /// <param name="heads">Units of z narrowed to heads.</param>
    /// <param name="metric">A number per prompt.</param>
    /// <param name="maximise">Whether the metric is to become large.</param>
    /// <param name="options">Steps, rates, clipping; null is 100 steps at 0.05.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    public static HeadScaling TrainHeadScaling(
        this RunPlan plan, IEnumerable<Unit> heads, Metric metric, bool maximise = false, TrainingOptions? options = null,
        IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default) =>
        plan.LogitsAt(metric.Positions).TrainHeadScaling(
            heads, logits => maximise ? -metric.PerPrompt(logits).mean() : metric.PerPrompt(logits).mean(), options, progress, cancellation);

    /// <summary>A second model that shares all weights but the output matrices of the scaled heads, whose rows carry the vectors: it computes what the hooked one does.</summary>
    /// <remarks>z ⊙ s · W_O = z · (diag(s) W_O), for every kind of attention: the output matrix has rows for each query head.</remarks>
    /// <param name="model">The model, which stays as it is.</param>
    /// <param name="scaling">The vectors.</param>
    /// <returns>A model that the caller disposes.</returns>
    /// <exception cref="ArgumentException">A head does not exist in the model, or its vector has another length.</exception>
    /// <exception cref="NotSupportedException">A scaled layer's attention is not the library's own, over the model's weights.</exception>
    public static HookedTransformer Fold(this HookedTransformer model, HeadScaling scaling)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Dictionary<Tensor, Tensor> folded = new(ReferenceEqualityComparer.Instance);
        foreach (var (layer, factors) in scaling.ByLayer(model.Config))
        {
            var output = model.Weights.Blocks[layer].Attention.Output; // [head * d_head, d_model]
            if (model.Blocks[layer].Attention is not Attention own || !ReferenceEquals(own.Weights.Output, output))
                throw new NotSupportedException($"The attention of layer {layer} is {model.Blocks[layer].Attention.GetType().Name}: what it does with an output matrix is its own. Keep the vectors as an edit (ScaleHeads).");
            folded[output] = (output * tensor(factors, [factors.Length, 1], dtype: output.dtype, device: output.device)).DetachFromDisposeScope();
        }
        return model.WithWeights(weight => folded.TryGetValue(weight, out var replaced) ? replaced : null);
    }

    // One write per head into a copy: the graph keeps what each multiplication read.
    private static Tensor Scaled(Tensor z, (int Head, Tensor Vector)[] heads)
    {
        var parts = z.unbind(2); // [batch, pos, d_head] for each head
        foreach (var (head, vector) in heads)
            parts[head] *= vector;
        return stack(parts, 2); // [batch, pos, head, d_head]
    }

    private static Tensor Loss(RunPlan plan, Func<Tensor, Tensor> loss, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        return loss(ForwardEngine.Run(plan.Request(null, gradients: true, cancellation)).Logits!).MoveToOuterDisposeScope();
    }
}
