namespace Interp;

using Interp.Extending;

/// <summary>Reads the rotary embedding of a Hugging Face configuration, in its older and its newer spelling.</summary>
/// <remarks>
/// Older: <c>rope_theta</c> and <c>rope_scaling</c> { <c>rope_type</c> or <c>type</c>, ... } side by side. Newer (transformers 5): both inside
/// <c>rope_parameters</c>.
/// </remarks>
internal static class RotarySettings
{
    /// <exception cref="InvalidDataException">A scaling that is not supported.</exception>
    public static RotaryConfig Read(ConfigFile config)
    {
        var section = config.Section("rope_parameters") ?? config.Section("rope_scaling");
        return new RotaryConfig
        {
            Base = section?.Number("rope_theta", config.Number("rope_theta", 10000)) ?? config.Number("rope_theta", 10000),
            Llama3Scaling = section is null ? null : Scaling(section),
        };
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
