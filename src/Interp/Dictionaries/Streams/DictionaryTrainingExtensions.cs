namespace Interp;

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
    /// <exception cref="ArithmeticException">The activations or the loss are not finite numbers.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is of another training.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the last good one stays.</exception>
    public static SparseDictionary TrainDictionary(
        this HookedTransformer model, DictionaryConfig config, IEnumerable<RunInput> prompts, DictionaryTrainingOptions options,
        ActivationStreamOptions? stream = null, IProgress<DictionaryStep>? progress = null, CancellationToken cancellation = default) =>
        model.TrainDictionaries([new DictionaryPlan(config, options)], prompts, stream, progress, cancellation)[0];

    /// <summary>Trains several dictionaries, of any kinds and at any hook points, on one stream: the model runs once for all.</summary>
    /// <remarks>
    /// Each batch holds the same tokens at all hook points. A dictionary learns the same, bit for bit, alone as among others, as long as the
    /// buffer holds as many rows. One whose steps are done waits for the others.
    /// </remarks>
    /// <param name="model">The model. It does not change.</param>
    /// <param name="plans">What shall be trained, and how.</param>
    /// <param name="prompts">Batches of prompts, read as they are needed: one pass, as long as the steps want rows.</param>
    /// <param name="stream">Shuffling and excluded tokens; its seed is the dictionaries' too, where their plans have none.</param>
    /// <param name="progress">Receives every step of every dictionary; <see cref="DictionaryStep.Plan"/> tells whose it is.</param>
    /// <param name="cancellation">Ends training; nothing is left behind.</param>
    /// <returns>The trained dictionaries in the order of their plans, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">There is no plan, the model lacks a hook point, or a width or an option does not fit.</exception>
    /// <exception cref="InvalidOperationException">The prompts ended before the steps did.</exception>
    /// <exception cref="ArithmeticException">The activations or the loss are not finite numbers.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is of another training.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; the last good one stays.</exception>
    public static IReadOnlyList<SparseDictionary> TrainDictionaries(
        this HookedTransformer model, IReadOnlyList<DictionaryPlan> plans, IEnumerable<RunInput> prompts,
        ActivationStreamOptions? stream = null, IProgress<DictionaryStep>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(plans);
        if (plans.Select(plan => plan.Options.BatchRows).Distinct().Count() != 1)
            throw new ArgumentException($"Dictionaries of one stream need the same BatchRows, given were [{string.Join(", ", plans.Select(plan => plan.Options.BatchRows))}].", nameof(plans));
        stream = (stream ?? ActivationStreamOptions.Default).Validated();
        var names = plans.SelectMany(plan => new[] { ActivationStream.Known(plan.Config.Input), ActivationStream.Known(plan.Config.Output) });
        var source = new ActivationStream(model, names, prompts, stream);
        using var training = new DictionaryTraining(model, plans, stream, progress);
        return training.Run(source, cancellation);
    }
}
