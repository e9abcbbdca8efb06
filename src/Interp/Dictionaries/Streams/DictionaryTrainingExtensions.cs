namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Training of dictionaries on a model's activations.</summary>
public static class DictionaryTrainingExtensions
{
    /// <summary>Trains a dictionary on the activations at its hook point.</summary>
    /// <remarks>The model runs no further than the hook point. Equal seeds on the same machine give equal dictionaries.</remarks>
    /// <param name="model">The model. It does not change.</param>
    /// <param name="config">What shall be trained; it knows its hook point.</param>
    /// <param name="prompts">Batches of prompts, read as they are needed: one pass, as long as the steps want rows.</param>
    /// <param name="options">Losses, rates, steps.</param>
    /// <param name="stream">Shuffling and excluded tokens; its seed is the dictionary's too.</param>
    /// <param name="progress">Receives every step.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained dictionary, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The model lacks the hook point, or a width or an option does not fit.</exception>
    /// <exception cref="InvalidOperationException">The prompts ended before the steps did.</exception>
    /// <exception cref="ArithmeticException">The loss is not a finite number.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is of another training.</exception>
    public static SparseDictionary TrainDictionary(
        this HookedTransformer model, DictionaryConfig config, IEnumerable<RunInput> prompts, DictionaryTrainingOptions options,
        ActivationStreamOptions? stream = null, IProgress<DictionaryStep>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        stream ??= ActivationStreamOptions.Default;
        var source = new ActivationStream(model, config, prompts, stream);
        var named = config with { ModelName = config.ModelName ?? model.Config.ModelName, ModelFingerprint = config.ModelFingerprint ?? model.Fingerprint() };
        var dtype = model.Dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        var dictionary = SparseDictionary.Initialise(named, stream.Seed, options.Recipe, dtype, model.Device);
        try
        {
            using var trainer = new DictionaryTrainer(dictionary, options);
            if (stream.Checkpoint is { } checkpoint && File.Exists(checkpoint))
                DictionaryCheckpoint.Load(trainer, checkpoint);
            var replayed = trainer.StepsDone;
            if (replayed >= options.Steps)
                return dictionary;
            foreach (var batch in source.Batches(options.BatchRows, cancellation))
                using (batch)
                {
                    if (replayed-- > 0)
                        continue;
                    Step(trainer, batch, progress, cancellation);
                    if (stream.Checkpoint is { } path && (trainer.StepsDone % stream.CheckpointEvery == 0 || trainer.StepsDone == options.Steps))
                        DictionaryCheckpoint.Save(trainer, path);
                    if (trainer.StepsDone == options.Steps)
                        return dictionary;
                }
            throw new InvalidOperationException(
                $"The prompts ended after {trainer.StepsDone} of {options.Steps} steps of {options.BatchRows} rows: give more of them, or repeat them.");
        }
        catch
        {
            dictionary.Dispose();
            throw;
        }
    }

    private static void Step(DictionaryTrainer trainer, ActivationBatch batch, IProgress<DictionaryStep>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var dtype = trainer.Dictionary.Dtype;
        var done = trainer.Step(batch.Input.to(dtype), batch.Target.to(dtype));
        progress?.Report(done);
    }
}
