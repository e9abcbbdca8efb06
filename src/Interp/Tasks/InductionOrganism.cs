namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The bundled model that has learned induction: two attention-only layers of 8 heads.</summary>
/// <remarks>
/// Layer 0 learns to attend to the previous token, layer 1 to the token behind an earlier occurrence of the present one, by way of the former
/// (Elhage et al. 2021). A group lasso on heads (Yuan and Lin 2006) leaves one head of each kind and takes the others' weights to zero, so
/// that the truth is one circuit. <c>Models.Load("induction-2l")</c> loads the weights that <see cref="Train"/> gives at seed 0.
/// </remarks>
public static class InductionOrganism
{
    /// <summary>The task it is trained on.</summary>
    public static InductionTask Task { get; } = Tasks.Induction();

    /// <summary>What it is built of.</summary>
    public static TransformerConfig Config { get; } = new()
    {
        ModelName = "induction-2l", Layers = 2, DModel = 128, Heads = 8, DHead = 16, DVocab = InductionTask.Vocabulary.Length, Context = Task.Length,
        Positions = PositionKind.Rotary,
    };

    /// <summary>How it is trained.</summary>
    public static TrainingOptions Options { get; } = new() { Steps = 1000, LearningRate = 3e-3, WarmUp = 100, WeightDecay = 0.01 };

    /// <summary>What the loss pays for the length of each head's value and output weights together.</summary>
    public static double HeadPenalty => 0.03;

    /// <summary>Trains it from random weights: some minutes on two cores.</summary>
    /// <param name="seed">Equal seeds give equal weights with the same BLAS kernel and number of threads.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained model, which the caller disposes.</returns>
    public static HookedTransformer Train(int seed, IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default)
    {
        using var start = Config.Initialise(seed, InductionTask.Tokenizer);
        return start.Train(step => Task.Sequences(64, HashCode(seed, step)).Input, Loss, Options, progress, cancellation);
    }

    private static Tensor Loss(HookedTransformer model, RunInput input, Tensor logits)
    {
        using var scope = NewDisposeScope();
        var loss = Losses.Mean(logits, input);
        for (var layer = 0; layer < Config.Layers; layer++)
        {
            // The root has no slope at nothing.
            var squares = model.WV(layer).square().sum([1L, 2L]) + model.WO(layer).square().sum([1L, 2L]) + 1e-8; // [head]
            loss = loss + HeadPenalty * squares.sqrt().sum();
        }
        return loss.MoveToOuterDisposeScope();
    }

    // Batches of different seeds and steps are different ones; the same on every machine.
    private static int HashCode(int seed, int step) => unchecked(seed * 1_000_003 + step);
}
