namespace Interp;

using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>dictionary_learning's layout: <c>config.json</c>, whose <c>trainer</c> names the class, and the state dictionary <c>ae.pt</c>.</summary>
/// <remarks>
/// Linear layers are stored transposed: <c>encoder.weight</c> [width, d], <c>decoder.weight</c> [d, width]. JumpReLU and Matryoshka keep plain
/// matrices. Names of the decoder's bias differ from class to class.
/// </remarks>
internal static class DictionaryLearningFiles
{
    public const string WeightsName = "ae.pt";
    private const string ConfigName = "config.json";
    private const string GroupSizes = "group_sizes";

    public static void Save(SparseDictionary dictionary, string folder)
    {
        using var scope = NewDisposeScope();
        var kind = DictionaryLearningKind.Of(dictionary);
        var config = Described(dictionary, kind);
        Directory.CreateDirectory(folder);
        var weights = dictionary.Weights;
        List<(string, Tensor)> tensors =
        [
            kind.Linear ? ("encoder.weight", weights.Encoder.t()) : ("W_enc", weights.Encoder),
            kind.Linear ? ("decoder.weight", weights.Decoder.t()) : ("W_dec", weights.Decoder),
            (kind.EncoderBias, weights.EncoderBias), (kind.DecoderBias, weights.DecoderBias), .. kind.Own.Select(own => (own.Stored, weights.Latent[own.Name])),
        ];
        if (kind.Chooses is { } k)
        {
            tensors.Add(("k", full([], k, dtype: ScalarType.Int32)));
            tensors.Add(("threshold", full([], dictionary.BatchThreshold ?? -1, dtype: ScalarType.Float64))); // a copy into its float32 buffer rounds
        }
        if (kind.Nests)
            tensors.Add((GroupSizes, tensor(Groups(dictionary.Config))));
        PickledTensors.Write(Path.Combine(folder, WeightsName), tensors);
        DictionaryFiles.WriteText(Path.Combine(folder, ConfigName), config);
    }

    public static SparseDictionary Load(string folder, ScalarType? dtype, Device? device)
    {
        var file = ConfigFile.Open(Path.Combine(folder, ConfigName));
        var trainer = file.Section("trainer") ?? throw file.Error("'trainer' is absent: it would name the dictionary's class");
        using var tensors = PickledTensors.Open(Path.Combine(folder, WeightsName));
        using var scope = NewDisposeScope();
        var stored = new StoredTensors(tensors.Path, tensors.Names, name => tensors.Read(name, dtype, device));
        var kind = DictionaryLearningKind.Named(trainer);
        var encoder = kind.Linear ? stored.Transposed("encoder.weight") : stored["W_enc"];
        var decoder = kind.Linear ? stored.Transposed("decoder.weight") : stored["W_dec"];
        var threshold = kind.Chooses is not null && tensors.Contains("threshold") ? tensors.Read("threshold", ScalarType.Float64).ToDouble() : -1;
        var config = Config(trainer, kind, encoder);
        if (kind.Nests && tensors.Contains(GroupSizes))
            config = config with { Nesting = Widths(tensors.Read(GroupSizes, ScalarType.Int64).data<long>().ToArray(), config.Width) };
        return stored.Assemble(config, new DictionaryWeights
        {
            Encoder = encoder, Decoder = decoder, EncoderBias = stored[kind.EncoderBias], DecoderBias = stored[kind.DecoderBias],
            Latent = kind.Own.ToDictionary(own => own.Name, own => stored[own.Stored]),
        }, threshold < 0 ? null : threshold);
    }

    private static DictionaryConfig Config(ConfigFile trainer, DictionaryLearningKind kind, Tensor encoder)
    {
        var (input, output) = HookPointKeys.Read(trainer) ?? HookPoint(trainer);
        return new DictionaryConfig
        {
            DIn = (int)encoder.shape[0], Width = (int)encoder.shape[^1], Nesting = HookPointKeys.Nesting(trainer, (int)encoder.shape[^1]), Activation = kind.Activation, CentreInput = kind.Centres, Input = input, Output = output,
            ModelName = trainer.OptionalText(HookPointKeys.ModelName) ?? trainer.OptionalText("lm_name"), ModelFingerprint = trainer.OptionalText(HookPointKeys.ModelFingerprint),
        };
    }

    // The library keeps how many latents each nested dictionary adds to the one inside it.
    private static long[] Groups(DictionaryConfig config) => [.. config.Nesting.Append(config.Width).Zip(config.Nesting.Prepend(0), (width, inner) => (long)(width - inner))];

    private static ImmutableArray<int> Widths(long[] groups, int width) =>
        HookPointKeys.Nesting(groups.Select((_, i) => (int)groups.Take(i + 1).Sum()), width);

    // Its submodules are named resid_post_layer_3, mlp_out_layer_3, attention_layer_3; without a name it is the residual stream behind the layer.
    private static (HookName? Input, HookName? Output) HookPoint(ConfigFile trainer)
    {
        if (!trainer.Has("layer") || trainer.IsText("layer"))
            return (null, null);
        Site? site = trainer.OptionalText("submodule_name") switch
        {
            null => Sites.ResidPost,
            var name when name.StartsWith("resid_post", StringComparison.Ordinal) => Sites.ResidPost,
            var name when name.StartsWith("resid_pre", StringComparison.Ordinal) => Sites.ResidPre,
            var name when name.StartsWith("mlp", StringComparison.Ordinal) => Sites.MlpOutRaw,
            var name when name.StartsWith("att", StringComparison.Ordinal) => Sites.AttnOutRaw,
            _ => null,
        };
        HookName? at = site is null ? null : new HookName(site, trainer.Int("layer"));
        return (at, at);
    }

    private static string Described(SparseDictionary dictionary, DictionaryLearningKind kind)
    {
        var config = dictionary.Config;
        var trainer = new JsonObject
        {
            ["dict_class"] = kind.Class, ["trainer_class"] = kind.Trainer, ["activation_dim"] = config.DIn, ["dict_size"] = config.Width, ["device"] = "cpu",
            ["layer"] = config.Input?.Layer, ["lm_name"] = config.ModelName, ["submodule_name"] = config.Input?.ToString(),
        };
        if (kind.Chooses is { } k)
            trainer["k"] = k;
        if (kind.Nests)
            trainer[GroupSizes] = new JsonArray([.. Groups(config).Select(size => JsonValue.Create(size))]);
        if (config.Activation is JumpReluLatents jump)
            trainer["bandwidth"] = jump.Bandwidth;
        HookPointKeys.Write(trainer, config);
        return new JsonObject { ["trainer"] = trainer }.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
    }
}
