namespace Interp;

using Interp.Extending;

/// <summary>Reads the rotary embedding of a Hugging Face configuration, in its older and its newer spelling.</summary>
/// <remarks>
/// Older: <c>rope_theta</c> and <c>rope_scaling</c> { <c>rope_type</c> or <c>type</c>, ... } side by side. Newer (transformers 5): both inside
/// <c>rope_parameters</c>.
/// </remarks>
internal static class RotarySettings
{
    /// <summary>Base and scaling.</summary>
    /// <param name="config">The model's config.json.</param>
    /// <param name="usualBase">The base of a configuration that names none.</param>
    /// <exception cref="InvalidDataException">A scaling that is not supported.</exception>
    public static RotaryConfig Read(ConfigFile config, double usualBase = 10000)
    {
        var section = config.Section("rope_parameters") ?? config.Section("rope_scaling");
        return new RotaryConfig
        {
            Base = section?.Number("rope_theta", config.Number("rope_theta", usualBase)) ?? config.Number("rope_theta", usualBase),
            Llama3Scaling = section is null ? null : Scaling(section),
        };
    }

    /// <summary>How many of a head's dimensions turn, where the configuration gives a fraction, which is rounded down.</summary>
    /// <param name="config">The model's config.json.</param>
    /// <param name="dHead">Width of a head.</param>
    /// <param name="key">The fraction's key in the older spelling; the newer keeps <c>partial_rotary_factor</c> inside <c>rope_parameters</c>.</param>
    /// <param name="usual">The fraction of a configuration that names none.</param>
    public static int Part(ConfigFile config, int dHead, string key, double usual)
    {
        var fallback = config.Number(key, usual);
        return (int)(dHead * (config.Section("rope_parameters")?.Number("partial_rotary_factor", fallback) ?? fallback));
    }

    private static Llama3RopeScaling? Scaling(ConfigFile section) => (section.OptionalText("rope_type") ?? section.OptionalText("type") ?? "default") switch
    {
        "default" => null,
        "llama3" => new Llama3RopeScaling(
            section.Number("factor"),
            section.Number("low_freq_factor"),
            section.Number("high_freq_factor"),
            section.Int("original_max_position_embeddings")),
        var other => throw section.Error($"rope scaling '{other}' is not supported; known are default, llama3"),
    };
}
