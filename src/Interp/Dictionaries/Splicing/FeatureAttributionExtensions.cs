namespace Interp;

/// <summary>Attribution to features.</summary>
public static class FeatureAttributionExtensions
{
    /// <summary>Attribution patching with a dictionary's features and its error term as the units.</summary>
    /// <remarks>
    /// 1. Splice the dictionary in with its error term: nothing changes. 2. Attribute latents, error and activation by one run of the source, one
    /// forward and one backward of the base (Marks et al. 2024). For other cuts (by position, several dictionaries, exact patching) splice with
    /// <see cref="SplicingExtensions.With"/> and use <see cref="FeatureUnits"/> in <c>Attribute</c> and <c>Patch</c>.
    /// </remarks>
    /// <param name="contrast">Prompts and metric, of the model without the dictionary.</param>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <exception cref="ArgumentException">A plan of the contrast holds edits, or the dictionary does not fit the model.</exception>
    public static FeatureAttribution AttributeFeatures(this Contrast contrast, SparseDictionary dictionary)
    {
        ArgumentNullException.ThrowIfNull(contrast);
        if (!contrast.CleanPlan.IsPlain || !contrast.CorruptedPlan.IsPlain)
            throw new ArgumentException("The contrast's plans hold edits, which cannot be moved to the model with the dictionary: make the contrast from that model.", nameof(contrast));
        using var spliced = contrast.Model.With(dictionary, errorTerm: true);
        var study = new Contrast(spliced, contrast.Clean, contrast.Corrupted, contrast.Metric) { Direction = contrast.Direction };
        Unit whole = dictionary.AddedSites().Output[ActivationStream.Known(dictionary.Config.Input).Layer];
        var results = study.Attribute(dictionary.Features().ByNeuron(), dictionary.ErrorNode().ByLayer(), whole.ByLayer());
        return new FeatureAttribution(results[0], results[1], results[2]);
    }
}
