namespace Interp;

/// <summary>A dictionary's parts as units of a model it is spliced into: for capture, edits, patching and attribution.</summary>
/// <remarks>They are found at the dictionary's own hook point; a transcoder's stand behind <see cref="Sites.MlpOutRaw"/> of its layer.</remarks>
public static class FeatureUnits
{
    /// <summary>The sites that the dictionary adds where it is spliced in.</summary>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <exception cref="ArgumentException">It knows no hook point.</exception>
    public static DictionarySites AddedSites(this SparseDictionary dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        var input = ActivationStream.Known(dictionary.Config.Input);
        return new DictionarySites(dictionary.Config.Output == input ? input.Site : Sites.MlpOutRaw);
    }

    /// <summary>All latents, [batch, pos, feature].</summary>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <exception cref="ArgumentException">It knows no hook point.</exception>
    public static Unit Features(this SparseDictionary dictionary) => dictionary.AddedSites().Acts[Layer(dictionary)];

    /// <summary>Some latents, such as <c>dictionary.Feature(17)</c>.</summary>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <param name="features">Which.</param>
    /// <exception cref="ArgumentException">It knows no hook point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It has no such latent.</exception>
    public static Unit Feature(this SparseDictionary dictionary, Indices features)
    {
        _ = features.Resolve(dictionary.Width, "feature");
        return dictionary.Features().Neuron(features);
    }

    /// <summary>What the reconstruction lacks, [batch, pos, d]; there where the dictionary is spliced in with its error term.</summary>
    /// <param name="dictionary">A dictionary that knows its hook points.</param>
    /// <exception cref="ArgumentException">It knows no hook point.</exception>
    public static Unit ErrorNode(this SparseDictionary dictionary) => dictionary.AddedSites().Error[Layer(dictionary)];

    private static int Layer(SparseDictionary dictionary) => ActivationStream.Known(dictionary.Config.Input).Layer;
}
