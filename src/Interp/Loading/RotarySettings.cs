namespace Interp;

using Interp.Extending;

/// <summary>Reads the rotary embedding of a Hugging Face configuration, in its older and its newer spelling.</summary>
/// <remarks>
/// Older: <c>rope_theta</c> and <c>rope_scaling</c> { <c>rope_type</c> or <c>type</c>, ... } side by side. Newer (transformers 5): both inside
/// <c>rope_parameters</c>.
/// </remarks>
internal static class RotarySettings
{
    private const string OriginalContext = "original_max_position_embeddings";
    private const string Context = "max_position_embeddings";

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
            Scaling = section is null ? null : Scaling(config, section),
        };
    }

    /// <summary>How many of a head's dimensions turn, where the configuration gives a fraction, which is rounded down.</summary>
    /// <param name="config">The model's config.json.</param>
    /// <param name="dHead">Width of a head.</param>
    /// <param name="key">The fraction's key in the older spelling; the newer keeps <c>partial_rotary_factor</c> inside <c>rope_parameters</c>.</param>
    /// <param name="usual">The fraction of a configuration that names none.</param>
    /// <exception cref="InvalidDataException">It is no fraction.</exception>
    public static int Part(ConfigFile config, int dHead, string key, double usual)
    {
        var fallback = config.Number(key, usual);
        var part = config.Section("rope_parameters")?.Number("partial_rotary_factor", fallback) ?? fallback;
        return dHead * part is >= 1 and var turning && part <= 1
            ? (int)turning
            : throw config.Error($"a part of {Invariant(part)} of each head's {dHead} dimensions is to be rotated, wanted a fraction");
    }

    /// <summary>The longest text that a model reads: beyond <c>max_position_embeddings</c> where the scaling stretches that.</summary>
    /// <param name="context">What the configuration says.</param>
    /// <param name="rotary">The rotary embedding.</param>
    public static int Reach(int context, RotaryConfig rotary) => rotary.Scaling switch
    {
        DynamicRopeScaling dynamic => Math.Max(context, (int)Math.Min(dynamic.OriginalContext * dynamic.Factor, int.MaxValue)),
        YarnRopeScaling yarn => Math.Max(context, (int)Math.Min(yarn.OriginalContext * yarn.Factor, int.MaxValue)),
        _ => context,
    };

    private static RopeScaling? Scaling(ConfigFile config, ConfigFile section) => (section.OptionalText("rope_type") ?? section.OptionalText("type") ?? "default") switch
    {
        "default" => null,
        "linear" => new LinearRopeScaling(Factor(section)),
        "dynamic" => new DynamicRopeScaling(Factor(section), Original(config, section)),
        "llama3" => new Llama3RopeScaling(
            Factor(section),
            section.Number("low_freq_factor"),
            section.Number("high_freq_factor"),
            section.Int(OriginalContext)),
        "yarn" => Yarn(config, section),
        "longrope" or "su" => Long(config, section),
        var other => throw section.Error($"rope scaling '{other}' is not supported; known are default, linear, dynamic, llama3, yarn, longrope"),
    };

    private static double Factor(ConfigFile section)
    {
        var factor = section.Number("factor");
        return factor >= 1 ? factor : throw section.Error($"'factor' is {Invariant(factor)}, wanted at least 1");
    }

    private static int Original(ConfigFile config, ConfigFile section)
    {
        var original = section.Int(OriginalContext, config.Int(OriginalContext, config.Int(Context, 2048)));
        return original > 0 ? original : throw section.Error($"'{OriginalContext}' is {original}, wanted at least 1");
    }

    private static YarnRopeScaling Yarn(ConfigFile config, ConfigFile section)
    {
        var factor = Factor(section);
        double Growth(double weight) => factor <= 1 ? 1 : 0.1 * weight * Math.Log(factor) + 1;
        var usual = section.Has("mscale") && section.Has("mscale_all_dim")
            ? Growth(section.Number("mscale")) / Growth(section.Number("mscale_all_dim"))
            : Growth(1);
        return new YarnRopeScaling(factor, Original(config, section), section.Number("beta_fast", 32), section.Number("beta_slow", 1))
        {
            Amplitude = section.Number("attention_factor", usual),
            Truncate = section.Flag("truncate", true),
        };
    }

    private static LongRopeScaling Long(ConfigFile config, ConfigFile section)
    {
        var original = Original(config, section);
        var stretch = config.Has(OriginalContext) || section.Has(OriginalContext)
            ? config.Int(Context, original) / (double)original
            : section.Number("factor", 1);
        var usual = stretch <= 1 ? 1 : Math.Sqrt(1 + Math.Log(stretch) / Math.Log(original));
        return new LongRopeScaling([.. section.Numbers("short_factor")], [.. section.Numbers("long_factor")], original)
        {
            Amplitude = section.Number("attention_factor", usual),
        };
    }

    private static string Invariant(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
