namespace Interp;

/// <summary>The bundled model that has learned induction: two attention-only layers of 8 heads.</summary>
/// <remarks>
/// Layer 0 learns heads that attend to the previous token, layer 1 heads that attend to the token behind an earlier occurrence of the present
/// one, by way of the former (Elhage et al. 2021). <c>Models.Load("induction-2l")</c> loads the weights that <see cref="Train"/> gives at seed 0.
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

    /// <summary>Trains it from random weights: some minutes on two cores.</summary>
    /// <param name="seed">Equal seeds give equal weights on the same machine, and the same accuracy on others.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained model, which the caller disposes.</returns>
    public static HookedTransformer Train(int seed, IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default)
    {
        using var start = Config.Initialise(seed, InductionTask.Tokenizer);
        return start.Train(step => Task.Sequences(64, HashCode(seed, step)).Input, Options, progress, cancellation);
    }

    // Batches of different seeds and steps are different ones; the same on every machine.
    private static int HashCode(int seed, int step) => unchecked(seed * 1_000_003 + step);
}
