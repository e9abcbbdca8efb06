namespace Interp;

using System.Globalization;

/// <summary>Sparse probing: how much of a concept a few features hold, beside as few dimensions of the activation itself.</summary>
/// <remarks>
/// Gurnee et al. 2023; Karvonen et al. 2025 (SAEBench). 1. Features of a position, or pooled over several. 2. The k of them whose class means
/// differ most on the training rows. 3. Logistic regression on these, scored on held-out rows. 4. The same with the activation's own dimensions.
/// </remarks>
public static class SparseProbingExtensions
{
    /// <summary>Probes a dictionary's features and the activation they were made of.</summary>
    /// <remarks>For other methods, controls and intervals probe <see cref="FeatureUnits.Features"/> of a model with the dictionary spliced in.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <param name="prompts">The texts.</param>
    /// <param name="labels">A class for each of them.</param>
    /// <param name="sizes">How many features or dimensions; 1, 2 and 5 where nothing is said.</param>
    /// <param name="positions">Which positions; the last where nothing is said.</param>
    /// <param name="pooling">How several positions become one row.</param>
    /// <param name="cancellation">Ends it between two probes.</param>
    /// <returns>Held-out accuracy, [k, from]: from the features and from the activation.</returns>
    /// <exception cref="ArgumentException">The dictionary does not fit the model, labels do not fit the prompts, or a k is above the width of what is probed.</exception>
    public static LabelledArray SparseProbing(
        this HookedTransformer model, SparseDictionary dictionary, RunInput prompts, ProbeLabels labels, IEnumerable<int>? sizes = null, Indices? positions = null,
        Pooling pooling = Pooling.None, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dictionary);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.IsNumeric)
            throw new ArgumentException("Sparse probing tells classes apart, the labels are numbers: give a class for each prompt.", nameof(labels));
        int[] counts = [.. sizes ?? [1, 2, 5]];
        if (counts.Length == 0 || counts.Any(k => k < 1 || k > Math.Min(dictionary.Width, dictionary.Config.DIn)))
            throw new ArgumentException($"Sizes [{string.Join(", ", counts)}] must be at least one number from 1 to {Math.Min(dictionary.Width, dictionary.Config.DIn)}.", nameof(sizes));
        using var spliced = model.With(dictionary, errorTerm: true);
        var (at, places) = (ActivationStream.Known(dictionary.Config.Input), positions ?? Position.Last);
        double[][] columns = [Accuracies(dictionary.Features().At(places)), Accuracies(((Unit)at).At(places))];
        return new LabelledArray(
            [new Axis("k", counts.Select(k => k.ToString(CultureInfo.InvariantCulture))), new Axis("from", ["features", "activation"])],
            [.. counts.SelectMany((_, i) => columns.Select(column => column[i]))], "held-out accuracy",
            new Provenance { Model = model.Config.ModelName, Method = $"k-sparse probes, {dictionary}" });

        double[] Accuracies(Unit unit)
        {
            using var features = spliced.On(prompts).Probe(unit, labels).Pool(pooling).WithoutControls().Resamples(0).Read(null, cancellation);
            return [.. counts.Select(k => features.Fit(Probes.KSparse(k), null, cancellation).Best.Evaluation.Accuracy)];
        }
    }
}
