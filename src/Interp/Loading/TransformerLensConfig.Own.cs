namespace Interp;

using System.Text.Json;
using Interp.Extending;

/// <content>What TransformerLens's configuration cannot say: a section of our own, <c>interp</c>, which stands only in files that need it.</content>
internal static partial class TransformerLensConfig
{
    private const string Own = "interp";

    private static bool NeedsOwn(TransformerConfig config) =>
        !config.PreNorms || config.SumNorms || config.QkvClip > 0 || config.QueryKeyNormKind != QueryKeyNormKind.Head
        || config.Rotary.Scaling is not null and not Llama3RopeScaling
        || (config.LocalRotary is { } local && local != config.Rotary with { Base = local.Base, Scaling = null });

    private static TransformerConfig WithOwn(TransformerConfig config, ConfigFile? own) => own is null ? config : config with
    {
        PreNorms = own.Flag("pre_norms", true),
        SumNorms = own.Flag("sum_norms", false),
        QkvClip = own.Number("qkv_clip", 0),
        QueryKeyNormKind = Enum.TryParse<QueryKeyNormKind>(own.OptionalText("query_key_norm"), out var kind) ? kind : QueryKeyNormKind.Head,
        Rotary = own.Section("rotary") is { } rotary ? ReadOwnRotary(rotary) : config.Rotary,
        LocalRotary = own.Section("local_rotary") is { } local ? ReadOwnRotary(local) : config.LocalRotary,
    };

    private static void WriteOwn(Utf8JsonWriter json, TransformerConfig config)
    {
        json.WriteStartObject(Own);
        json.WriteBoolean("pre_norms", config.PreNorms);
        json.WriteBoolean("sum_norms", config.SumNorms);
        json.WriteNumber("qkv_clip", config.QkvClip);
        json.WriteString("query_key_norm", config.QueryKeyNormKind.ToString());
        if (config.Positions == PositionKind.Rotary)
        {
            WriteOwnRotary(json, "rotary", config.Rotary);
            if (config.LocalRotary is { } local)
                WriteOwnRotary(json, "local_rotary", local);
        }
        json.WriteEndObject();
    }

    private static RotaryConfig ReadOwnRotary(ConfigFile section) => new()
    {
        Base = section.Number("base"),
        Dimensions = section.Int("dimensions", 0),
        AdjacentPairs = section.Flag("adjacent_pairs", false),
        Scaling = section.Section("scaling") is { } scaling ? ReadScaling(scaling) with { Amplitude = scaling.Number("amplitude", 1) } : null,
    };

    private static RopeScaling ReadScaling(ConfigFile s) => s.Text("type") switch
    {
        "linear" => new LinearRopeScaling(s.Number("factor")),
        "dynamic" => new DynamicRopeScaling(s.Number("factor"), s.Int("original")),
        "llama3" => new Llama3RopeScaling(s.Number("factor"), s.Number("low"), s.Number("high"), s.Int("original")),
        "yarn" => new YarnRopeScaling(s.Number("factor"), s.Int("original"), s.Number("fast"), s.Number("slow")) { Truncate = s.Flag("truncate", true) },
        "longrope" => new LongRopeScaling([.. s.Numbers("short")], [.. s.Numbers("long")], s.Int("original")),
        var other => throw s.Error($"rotary scaling '{other}' is not known"),
    };

    private static void WriteOwnRotary(Utf8JsonWriter json, string name, RotaryConfig rotary)
    {
        json.WriteStartObject(name);
        json.WriteNumber("base", rotary.Base);
        json.WriteNumber("dimensions", rotary.Dimensions);
        json.WriteBoolean("adjacent_pairs", rotary.AdjacentPairs);
        if (rotary.Scaling is not null)
            WriteScaling(json, rotary.Scaling);
        json.WriteEndObject();
    }

    private static void WriteScaling(Utf8JsonWriter json, RopeScaling scaling)
    {
        (string Type, (string, double)[] Numbers) content = scaling switch
        {
            LinearRopeScaling s => ("linear", [("factor", s.Factor)]),
            DynamicRopeScaling s => ("dynamic", [("factor", s.Factor), ("original", s.OriginalContext)]),
            Llama3RopeScaling s => ("llama3", [("factor", s.Factor), ("low", s.LowFrequencyFactor), ("high", s.HighFrequencyFactor), ("original", s.OriginalContext)]),
            YarnRopeScaling s => ("yarn", [("factor", s.Factor), ("original", s.OriginalContext), ("fast", s.FastTurns), ("slow", s.SlowTurns)]),
            LongRopeScaling s => ("longrope", [("original", s.OriginalContext)]),
            _ => throw new InvalidOperationException($"A rotary scaling of type {scaling.GetType().Name} is not the library's, and is not saved."),
        };
        json.WriteStartObject("scaling");
        json.WriteString("type", content.Type);
        foreach (var (name, value) in content.Numbers)
            json.WriteNumber(name, value);
        json.WriteNumber("amplitude", scaling.Amplitude);
        if (scaling is YarnRopeScaling yarn)
            json.WriteBoolean("truncate", yarn.Truncate);
        if (scaling is LongRopeScaling { ShortFactors: var brief, LongFactors: var far })
            foreach (var (name, factors) in new[] { ("short", brief), ("long", far) })
            {
                json.WriteStartArray(name);
                foreach (var factor in factors)
                    json.WriteNumberValue(factor);
                json.WriteEndArray();
            }
        json.WriteEndObject();
    }
}
