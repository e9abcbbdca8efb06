namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The bundled model that has grokked addition modulo 59: one layer, no norms.</summary>
/// <remarks>
/// It sees half of all pairs. It knows those by heart within 250 steps, and the others later, when weight decay has
/// put an algorithm in the place of memory: a few frequencies of the Fourier transform, multiplied (Nanda et al. 2023).
/// <c>Models.Load("modadd-59")</c> loads the weights that <see cref="Train"/> gives at seed 0, in half precision.
/// </remarks>
public static class ModularAdditionOrganism
{
    /// <summary>The task it is trained on.</summary>
    public static ModularAdditionTask Task { get; } = Tasks.ModularAddition(59);

    /// <summary>What it is built of.</summary>
    public static TransformerConfig Config { get; } = new()
    {
        ModelName = "modadd-59", Layers = 1, DModel = 128, Heads = 4, DHead = 32, DMlp = 512, DVocab = 60, Context = 3,
        Norm = NormKind.None, Activation = Activation.Relu,
    };

    /// <summary>How it is trained: all training pairs every step, strong weight decay.</summary>
    public static TrainingOptions Options { get; } = new() { Steps = 1500, LearningRate = 5e-3, WarmUp = 10, FinalShare = 1, WeightDecay = 1 };

    /// <summary>The pairs it is trained on and those it never sees, as row numbers of <see cref="ModularAdditionTask.AllPairs"/>.</summary>
    /// <param name="seed">The training's seed.</param>
    public static (System.Collections.Immutable.ImmutableArray<int> Training, System.Collections.Immutable.ImmutableArray<int> HeldOut) Split(int seed = 0) => Task.Split(0.5, seed);

    /// <summary>Trains it from random weights: some minutes on two cores.</summary>
    /// <param name="seed">Equal seeds give equal weights on the same machine, BLAS kernel and number of threads.</param>
    /// <param name="options">Steps and rates; null for <see cref="Options"/>.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained model, in float32, which the caller disposes.</returns>
    public static HookedTransformer Train(int seed, TrainingOptions? options = null, IProgress<TrainingStep>? progress = null, CancellationToken cancellation = default)
    {
        var training = Split(seed).Training;
        var input = Task.Pairs(training);
        using var answers = tensor(training.Select(row => (long)Task.Answer(row)).ToArray());
        using var start = Config.Initialise(seed, Task.Tokenizer);
        return start.Train(_ => input, (_, _, logits) => Loss(logits, answers), options ?? Options, progress, cancellation);
    }

    /// <summary>The share of all pairs, and of the held-out ones, that a model adds right.</summary>
    /// <param name="model">This model, or another with its tokens.</param>
    /// <param name="seed">The training's seed, which says what was held out.</param>
    public static (double All, double HeldOut) Accuracy(HookedTransformer model, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var choices = model.On(Task.AllPairs()).LogitsAt(Position.Last).Logits().argmax(-1).flatten().cpu().data<long>().ToArray();
        var right = choices.Select((choice, row) => choice == Task.Answer(row)).ToArray();
        return (right.Average(r => r ? 1.0 : 0), Split(seed).HeldOut.Average(row => right[row] ? 1.0 : 0));
    }

    // In float64: near the end the logits' differences are lost in float32's sum of exponentials.
    private static Tensor Loss(Tensor logits, Tensor answers)
    {
        using var scope = NewDisposeScope();
        var log = logits.select(1, -1).to(ScalarType.Float64).log_softmax(-1); // [pair, d_vocab]
        return (-log.gather(-1, answers.to(log.device).unsqueeze(-1)).mean()).MoveToOuterDisposeScope();
    }
}
