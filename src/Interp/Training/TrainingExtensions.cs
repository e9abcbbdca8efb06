namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Training of models.</summary>
public static class TrainingExtensions
{
    /// <summary>Trains a copy of a model to predict the next token; the model itself stays as it is.</summary>
    /// <remarks>All weights are trained. An unembedding that shares the embedding's storage becomes a matrix of its own.</remarks>
    /// <param name="model">The model to start from, in float32 or float64.</param>
    /// <param name="batches">The sequences of a step; a function of the step's number alone, if training is to be repeatable.</param>
    /// <param name="options">Steps, rates, clipping.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The model is neither float32 nor float64, or options are wrong.</exception>
    /// <exception cref="ArithmeticException">The loss is not a finite number.</exception>
    public static HookedTransformer Train(
        this HookedTransformer model, Func<int, RunInput> batches, TrainingOptions? options = null, IProgress<TrainingStep>? progress = null,
        CancellationToken cancellation = default) =>
        model.Train(batches, (_, input, logits) => Losses.Mean(logits, input), options, progress, cancellation);

    /// <summary>Trains a copy of a model on a loss of one's own; the model itself stays as it is.</summary>
    /// <param name="model">The model to start from, in float32 or float64.</param>
    /// <param name="batches">The prompts of a step; a function of the step's number alone, if training is to be repeatable.</param>
    /// <param name="loss">From the model in training, the prompts and their logits, [batch, pos, d_vocab], to a scalar.</param>
    /// <param name="options">Steps, rates, clipping.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The model is neither float32 nor float64, the loss is no scalar, or options are wrong.</exception>
    /// <exception cref="ArithmeticException">The loss is not a finite number.</exception>
    public static HookedTransformer Train(
        this HookedTransformer model, Func<int, RunInput> batches, Func<HookedTransformer, RunInput, Tensor, Tensor> loss, TrainingOptions? options = null,
        IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default)
    {
        if (model.Dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"The model is {model.Dtype}: train in float32 (To(ScalarType.Float32)) and convert afterwards.", nameof(model));
        var trained = model.To();
        try
        {
            var parameters = trained.Weights.Tensors().Select(t => t.Tensor.requires_grad_(true)).ToList();
            TrainingLoop.Minimise(parameters, step => trained.LossToMinimise(batches(step), loss, cancellation), options, progress, cancellation);
            foreach (var parameter in parameters)
                parameter.requires_grad_(false);
            return trained;
        }
        catch
        {
            trained.Dispose();
            throw;
        }
    }

    private static Tensor LossToMinimise(this HookedTransformer model, RunInput input, Func<HookedTransformer, RunInput, Tensor, Tensor> loss, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var logits = ForwardEngine.Run(model.On(input).Request(null, gradients: true, cancellation)).Logits!; // [batch, pos, d_vocab]
        return loss(model, input, logits).MoveToOuterDisposeScope();
    }
}
