namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Training of tuned lenses.</summary>
/// <remarks>
/// 1. Run the frozen model on a batch; its distribution at every token is the target. 2. For each layer, translate the stream before it, read
/// it through the frozen ending, and take KL(target, lens), averaged over real tokens. 3. Its gradient goes to that layer's translator alone,
/// one layer at a time. 4. Clip the gradients' joint length; step; the rate falls linearly. Assumes nothing of the model but its ending.
/// </remarks>
public static class TunedLensTraining
{
    /// <summary>Trains a lens that begins as the logit lens.</summary>
    /// <param name="model">The model, in float32 or float64; it is not changed.</param>
    /// <param name="batches">The texts of a batch; a function of the batch's number alone, if training is to be repeatable.</param>
    /// <param name="options">Steps, optimiser, rates.</param>
    /// <param name="progress">Receives every step; its loss is the mean over layers, in nats.</param>
    /// <param name="cancellation">Ends training between two batches; nothing is left behind.</param>
    /// <returns>The lens, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The model is neither float32 nor float64, or options are wrong.</exception>
    /// <exception cref="ArithmeticException">The loss is not a finite number.</exception>
    public static TunedLens TrainTunedLens(
        this HookedTransformer model, Func<int, RunInput> batches, TunedLensOptions? options = null, IProgress<TrainingStep>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batches);
        options = (options ?? TunedLensOptions.Default).Validated();
        if (model.Dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"The model is {model.Dtype}: train its lens in float32 (To(ScalarType.Float32)).", nameof(model));
        var lens = TunedLens.Zero(model);
        try
        {
            var parameters = lens.Weights.Zip(lens.Biases).SelectMany(p => new[] { p.First, p.Second }).ToArray();
            using var optimizer = new LensOptimizer(parameters, options);
            for (var step = 0; step < options.Steps; step++)
            {
                var done = One(step, lens, model, batches, options, optimizer, cancellation);
                progress?.Report(done);
            }
            return lens;
        }
        catch
        {
            lens.Dispose();
            throw;
        }
    }

    private static TrainingStep One(
        int step, TunedLens lens, HookedTransformer model, Func<int, RunInput> batches, TunedLensOptions options, LensOptimizer optimizer,
        CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Tensor[]? sums = null;
        var loss = 0d;
        for (var i = 0; i < options.BatchesPerStep; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (own, gradients) = Batch(lens, model, batches(step * options.BatchesPerStep + i), cancellation);
            loss += own / options.BatchesPerStep;
            sums = sums is null ? gradients : [.. sums.Zip(gradients, (a, b) => a + b)];
        }
        if (!double.IsFinite(loss))
            throw new ArithmeticException($"The loss of the tuned lens is {loss} at step {step}: lower RateScale.");
        Tensor[] means = [.. sums!.Select(g => g / options.BatchesPerStep)];
        var length = stack(means.Select(g => g.square().sum().to(ScalarType.Float64)).ToArray(), 0).sum().sqrt().ToDouble();
        var factor = options.ClipNorm > 0 ? Math.Min(1, options.ClipNorm / (length + 1e-6)) : 1;
        var rate = options.RateAt(step);
        optimizer.Step([.. means.Select(g => g * factor)], rate);
        return new TrainingStep(step, loss, rate, length);
    }

    // The mean of the layers' losses, and the gradient of each layer's own; in the caller's scope.
    private static (double Loss, Tensor[] Gradients) Batch(TunedLens lens, HookedTransformer model, RunInput input, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var run = model.On(input).Capture(Sites.ResidPre).Run(cancellation);
        var target = run.Logits.log_softmax(-1); // [batch, pos, d_vocab]
        var shares = Shares(input, target);
        var total = 0d;
        List<Tensor> gradients = [];
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            using var step = NewDisposeScope();
            var (loss, weight, bias) = Layer(lens, model, layer, run.Cache[new HookName(Sites.ResidPre, layer)], target, shares);
            total += loss / model.Config.Layers;
            gradients.Add(weight.MoveToOuterDisposeScope().MoveToOuterDisposeScope());
            gradients.Add(bias.MoveToOuterDisposeScope().MoveToOuterDisposeScope());
        }
        return (total, [.. gradients]);
    }

    private static (double Loss, Tensor Weight, Tensor Bias) Layer(TunedLens lens, HookedTransformer model, int layer, Tensor stream, Tensor target, Tensor shares)
    {
        using var gradient = enable_grad();
        var (weight, bias) = (lens.Weights[layer].detach().requires_grad_(true), lens.Biases[layer].detach().requires_grad_(true));
        var translated = stream + stream.matmul(weight.t()) + bias;
        var read = LensExtensions.Ending(model, translated).log_softmax(-1); // [batch, pos, d_vocab]
        var loss = ((target.exp() * (target - read)).sum(-1) * shares).sum();
        var gradients = autograd.grad([loss], [weight, bias]);
        return (loss.ToDouble(), gradients[0], gradients[1]);
    }

    /// <summary>Each real token's share of their mean, [batch, pos].</summary>
    internal static Tensor Shares(RunInput input, Tensor like)
    {
        using var scope = NewDisposeScope();
        var real = input.MaskTensor(like.device)?.to(like.dtype) ?? ones([input.Batch, input.Length], dtype: like.dtype, device: like.device);
        return (real / real.sum()).MoveToOuterDisposeScope();
    }
}
