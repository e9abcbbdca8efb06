namespace Interp;

/// <summary>Dictionaries as parts of a model.</summary>
public static class SplicingExtensions
{
    /// <summary>A second model that shares these weights, in which a dictionary's reconstruction stands behind its hook point.</summary>
    /// <remarks>
    /// The hook point itself shows what the dictionary reads; behind it come the sites of <see cref="DictionarySites"/>, which capture,
    /// ablation, patching and gradients treat like any other. With the error term the model's logits are what they were until a latent
    /// is changed.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="dictionary">An autoencoder that knows its hook point. It stays the caller's and must live as long as the new model.</param>
    /// <param name="errorTerm">Whether what the reconstruction lacks is added again.</param>
    /// <returns>The new model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The dictionary knows no hook point, is a transcoder, or does not fit the model there.</exception>
    public static HookedTransformer With(this HookedTransformer model, SparseDictionary dictionary, bool errorTerm = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dictionary);
        var name = ActivationStream.AutoencoderSite(dictionary.Config);
        _ = HookBinding.Names(model, name);
        if (Width(model, name.Site) is { } width && width != dictionary.Config.DIn)
            throw new ArgumentException($"{name} of {model.Config.ModelName} is {width} wide, the dictionary reads {dictionary.Config.DIn}.", nameof(dictionary));
        if (dictionary.Device.ToString() != model.Device.ToString())
            throw new ArgumentException($"The dictionary is on {dictionary.Device}, the model on {model.Device}: move it with To(device: ...).", nameof(dictionary));
        return model.WithSplice(name, new DictionarySplice(dictionary, name.Site, errorTerm));
    }

    private static int? Width(HookedTransformer model, Site site)
    {
        var config = model.Config;
        return site.Axes.Skip(2).Aggregate((int?)1, (product, axis) => axis switch
        {
            "d_model" => product * config.DModel,
            "d_mlp" => product * config.DMlp,
            "d_head" => product * config.DHead,
            "head" => product * config.Heads,
            "kv_head" => product * config.KvHeads,
            _ => null,
        });
    }
}
