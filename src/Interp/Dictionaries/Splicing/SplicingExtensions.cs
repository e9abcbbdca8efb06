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
    /// <param name="dictionary">
    /// An autoencoder that knows its hook point, or a transcoder from an MLP's input to its output, which then takes the MLP's place (the sites
    /// are those behind <see cref="Sites.MlpOutRaw"/>). It stays the caller's and must live as long as the new model.
    /// </param>
    /// <param name="errorTerm">Whether what the reconstruction lacks is added again.</param>
    /// <returns>The new model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The dictionary knows no hook point, is another transcoder, was made for other weights, or does not fit the model there.</exception>
    public static HookedTransformer With(this HookedTransformer model, SparseDictionary dictionary, bool errorTerm = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dictionary);
        CheckModel(model, dictionary);
        if (dictionary.Config.Input is { } input && dictionary.Config.Output is { } output && input != output)
            return model.WithTranscoder(dictionary, input, output, errorTerm);
        var name = ActivationStream.AutoencoderSite(dictionary.Config);
        _ = HookBinding.Names(model, name);
        if (Width(model, name.Site) is { } width && width != dictionary.Config.DIn)
            throw new ArgumentException($"{name} of {model.Config.ModelName} is {width} wide, the dictionary reads {dictionary.Config.DIn}.", nameof(dictionary));
        return model.WithSplice(name, new DictionarySplice(dictionary, name.Site, errorTerm));
    }

    /// <exception cref="ArgumentException">The dictionary says that it was made for other weights, or is on another device.</exception>
    internal static void CheckModel(HookedTransformer model, SparseDictionary dictionary)
    {
        var config = dictionary.Config;
        if (config.ModelFingerprint is { } wanted && model.Fingerprint() is var found && found != wanted)
            throw new ArgumentException(
                $"The dictionary was made for {config.ModelName ?? "a model"} with fingerprint {wanted}; {model.Config.ModelName} has {found}: other weights, or weights processed otherwise. "
                + "Load that model as it was, or say with dictionary.For(model) that this one is meant.",
                nameof(dictionary));
        if (dictionary.Device.ToString() != model.Device.ToString())
            throw new ArgumentException($"The dictionary is on {dictionary.Device}, the model on {model.Device}: move it with To(device: ...).", nameof(dictionary));
    }

    private static HookedTransformer WithTranscoder(this HookedTransformer model, SparseDictionary dictionary, HookName input, HookName output, bool errorTerm)
    {
        _ = HookBinding.Names(model, input);
        _ = HookBinding.Names(model, output);
        // Of an RMSNorm with a gain the normalised stream is not yet what the MLP reads.
        var reads = input.Site == Sites.MlpInput || (input.Site == Sites.Ln2Normalized && model.Config.Norm != NormKind.Rms);
        var writes = output.Site == Sites.MlpOutRaw || (output.Site == Sites.MlpOut && !model.Config.PostNorms);
        if (!reads || !writes || input.Layer != output.Layer)
            throw new ArgumentException(
                $"A transcoder from {input} to {output} cannot be spliced: it must read what an MLP reads ({Sites.MlpInput}) and give what that MLP gives ({Sites.MlpOutRaw}).",
                nameof(dictionary));
        if (dictionary.Config.DIn != model.Config.DModel || dictionary.Config.DOut != model.Config.DModel)
            throw new ArgumentException($"The MLPs of {model.Config.ModelName} are {model.Config.DModel} wide at both ends, the transcoder goes from {dictionary.Config.DIn} to {dictionary.Config.DOut}.", nameof(dictionary));
        return model.WithMlp(input.Layer, mlp => new TranscoderMlp(mlp, dictionary, errorTerm));
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
