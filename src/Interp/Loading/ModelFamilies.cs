namespace Interp;

using Interp.Extending;

/// <summary>Chooses the family that reads a Hugging Face configuration.</summary>
internal static class ModelFamilies
{
    private static readonly IModelFamily[] BuiltIn =
    [
        new Gpt2Family(), new NeoXFamily(), new LlamaFamily(), new MistralFamily(), new Qwen2Family(), new Qwen3Family(),
        new GemmaFamily(), new Gemma2Family(), new Gemma3Family(), new GptNeoFamily(), new GptJFamily(), new PhiFamily(), new Phi3Family(),
        new OlmoFamily(), new Olmo2Family(), new OptFamily(), new BloomFamily(), new StableLmFamily(), new MixtralFamily(),
    ];

    /// <summary>The built-in families.</summary>
    public static IReadOnlyList<IModelFamily> Known => BuiltIn;

    /// <summary>The first family, the caller's own before the built-in, that knows one of the architectures; without architectures the model type decides.</summary>
    /// <exception cref="InvalidDataException">No family knows the model; the message lists what is known.</exception>
    public static IModelFamily Find(ConfigFile config, IEnumerable<IModelFamily> own)
    {
        IModelFamily[] families = [.. own, .. BuiltIn];
        var architectures = config.Texts("architectures");
        var type = config.OptionalText("model_type");
        var family = architectures.Count > 0
            ? families.FirstOrDefault(candidate => candidate.Architectures.Intersect(architectures).Any())
            : families.FirstOrDefault(candidate => candidate.ModelType == type);
        if (family is not null)
            ConfigSurvey.RefuseQuantised(config);
        return family ?? throw Unknown(config, families, architectures.Count > 0 ? $"architecture '{string.Join("', '", architectures)}'" : $"model_type '{type}'");
    }

    private static InvalidDataException Unknown(ConfigFile config, IModelFamily[] families, string found)
    {
        var known = string.Join(", ", families.SelectMany(family => family.Architectures).Distinct());
        return config.Error($"it names {found}, and known are {known}{ConfigSurvey.Text(config)}. Implement IModelFamily and give it in LoadOptions.Families");
    }
}
