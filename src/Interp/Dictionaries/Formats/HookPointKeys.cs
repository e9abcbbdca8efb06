namespace Interp;

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Interp.Extending;

/// <summary>Where a dictionary belongs and which others are nested in it, in configurations of layouts that do not say it: under keys of our own, else from a module's name.</summary>
internal static partial class HookPointKeys
{
    public const string ModelName = "model_name";
    public const string ModelFingerprint = "model_fingerprint";
    private const string Widths = "matryoshka_widths";
    private const string Input = "hook_name";
    private const string Output = "hook_name_out";

    public static void Write(JsonObject json, DictionaryConfig config)
    {
        json[Input] = config.Input?.ToString();
        json[Output] = config.Output?.ToString();
        json[ModelName] = config.ModelName;
        json[ModelFingerprint] = config.ModelFingerprint;
        WriteNesting(json, config);
    }

    /// <summary>SAELens's key: the widths of nested dictionaries and the whole one; nothing where there are none.</summary>
    public static void WriteNesting(JsonObject json, DictionaryConfig config)
    {
        if (!config.Nesting.IsEmpty)
            json[Widths] = new JsonArray([.. config.Nesting.Append(config.Width).Select(width => JsonValue.Create(width))]);
    }

    /// <summary>The widths of nested dictionaries, without the whole one.</summary>
    public static ImmutableArray<int> Nesting(ConfigFile? file, int width) =>
        file is null || !file.Has(Widths) ? [] : Nesting(file.Numbers(Widths).Select(number => (int)number), width);

    /// <summary>Widths without the whole one, which may stand at their end.</summary>
    public static ImmutableArray<int> Nesting(IEnumerable<int> widths, int width) => [.. widths.Reverse().SkipWhile(w => w == width).Reverse()];

    /// <summary>What our own keys say; null where they are absent.</summary>
    public static (HookName? Input, HookName? Output)? Read(ConfigFile file) =>
        file.Mentions(Input) ? (Name(file, file.OptionalText(Input)), Name(file, file.OptionalText(Output))) : null;

    public static HookName? Name(ConfigFile file, string? text) =>
        text is null ? null : HookName.TryParse(text, out var name) ? name : throw file.Error($"hook point '{text}' is not known");

    /// <summary>The hook points that a module of a Hugging Face model stands for: <c>layers.3</c>, <c>h.3.mlp</c>, <c>gpt_neox.layers.3.attention</c>.</summary>
    public static (HookName? Input, HookName? Output) OfModule(string module, bool transcoder)
    {
        if (Module().Match(module) is not { Success: true } match)
            return (null, null);
        var layer = int.Parse(match.Groups["layer"].ValueSpan, CultureInfo.InvariantCulture);
        HookName At(Site site) => new(site, layer);
        return (match.Groups["part"].Value, transcoder) switch
        {
            ("", false) => (At(Sites.ResidPost), At(Sites.ResidPost)),
            ("", true) => (At(Sites.ResidPre), At(Sites.ResidPost)),
            ("mlp", false) => (At(Sites.MlpOutRaw), At(Sites.MlpOutRaw)),
            ("mlp", true) => (At(Sites.MlpInput), At(Sites.MlpOutRaw)),
            (_, false) => (At(Sites.AttnOutRaw), At(Sites.AttnOutRaw)),
            (_, true) => (At(Sites.AttnInput), At(Sites.AttnOutRaw)),
        };
    }

    [GeneratedRegex(@"^(?:.*\.)?(?:layers|h|blocks)\.(?<layer>\d{1,6})(?:\.(?<part>mlp|attn|self_attn|attention))?$")]
    private static partial Regex Module();
}
