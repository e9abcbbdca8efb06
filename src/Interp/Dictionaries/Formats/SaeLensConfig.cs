namespace Interp;

using System.Text.Json;
using System.Text.Json.Nodes;
using Interp.Extending;
using static TorchSharp.torch;

/// <summary>SAELens's <c>cfg.json</c>: that of version 6 both ways, older flat ones for reading.</summary>
internal static class SaeLensConfig
{
    public static string Write(SparseDictionary dictionary)
    {
        var config = dictionary.Config;
        var transcoder = config.Output != config.Input || config.DIn != config.DOut || dictionary.Weights.Skip is not null;
        var json = new JsonObject
        {
            ["architecture"] = Architecture(config, transcoder, dictionary.Weights.Skip is not null),
            ["d_in"] = config.DIn, ["d_sae"] = config.Width,
            ["dtype"] = TypeName(dictionary.Dtype), ["device"] = "cpu",
            ["apply_b_dec_to_input"] = config.CentreInput,
            ["normalize_activations"] = NormalisationName(config.Normalisation),
            ["reshape_activations"] = config.Input?.Site.Axis("head") >= 0 ? "hook_z" : "none",
        };
        if (transcoder)
            json["d_out"] = config.DOut;
        if (config.Activation is TopKLatents or BatchTopKLatents)
        {
            json["k"] = config.Activation is TopKLatents top ? top.K : ((BatchTopKLatents)config.Activation).K;
            json["rescale_acts_by_decoder_norm"] = config.RescaleByDecoderNorm;
        }
        else if (config.RescaleByDecoderNorm)
            throw new ArgumentException($"SAELens's layout has no rescaled {config.Activation.Name} dictionary: fold first (FoldDecoderNorms).");
        if (config.Activation is JumpReluLatents jump)
            json["jumprelu_bandwidth"] = jump.Bandwidth;
        var metadata = new JsonObject
        {
            ["model_name"] = config.ModelName, ["hook_name"] = config.Input?.ToString(),
            ["hook_name_out"] = transcoder ? config.Output?.ToString() : null, ["hook_head_index"] = null,
            [HookPointKeys.ModelFingerprint] = config.ModelFingerprint,
        };
        // SAELens's own place for nested widths is its Matryoshka class, which is a BatchTopK one.
        HookPointKeys.WriteNesting(config.Activation is BatchTopKLatents ? json : metadata, config);
        json["metadata"] = metadata;
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
    }

    public static DictionaryConfig Read(ConfigFile file)
    {
        var metadata = file.Section("metadata");
        string? Text(string name) => metadata?.OptionalText(name) ?? file.OptionalText(name);
        var architecture = file.OptionalText("architecture") ?? "standard";
        var input = HookPointKeys.Name(file, Text("hook_name") ?? Text("hook_point"));
        if ((metadata?.Has("hook_head_index") ?? false) || file.Has("hook_head_index"))
            throw file.Error("'hook_head_index' is set: a dictionary of a single head's activation cannot be loaded");
        if (file.Flag("finetuning_scaling_factor", false))
            throw file.Error("'finetuning_scaling_factor' is set: multiply it into the decoder in SAELens and save again");
        return new DictionaryConfig
        {
            DIn = file.Int("d_in"), DOut = file.Int("d_out", 0), Width = file.Int("d_sae"),
            Nesting = HookPointKeys.Nesting(file, file.Int("d_sae")) is { IsEmpty: false } widths ? widths : HookPointKeys.Nesting(metadata, file.Int("d_sae")),
            Activation = Activation(file, architecture),
            CentreInput = file.Flag("apply_b_dec_to_input", !architecture.Contains("transcoder", StringComparison.Ordinal)),
            RescaleByDecoderNorm = file.Flag("rescale_acts_by_decoder_norm", false),
            Normalisation = Normalisation(file),
            Input = input, Output = HookPointKeys.Name(file, Text("hook_name_out")) ?? input, ModelName = Text("model_name"),
            ModelFingerprint = Text(HookPointKeys.ModelFingerprint),
        };
    }

    private static LatentActivation Activation(ConfigFile file, string architecture) => architecture switch
    {
        "standard" or "transcoder" or "skip_transcoder" when file.OptionalText("activation_fn_str") == "topk" =>
            LatentActivation.TopK((file.Section("activation_fn_kwargs") ?? throw file.Error("'activation_fn_kwargs' is absent: it would say k")).Int("k")),
        "standard" or "transcoder" or "skip_transcoder" => LatentActivation.Relu,
        "topk" => LatentActivation.TopK((int)file.Number("k")),
        "batchtopk" or "matryoshka_batchtopk" => LatentActivation.BatchTopK(file.Number("k")),
        "jumprelu" or "jumprelu_transcoder" or "jumprelu_skip_transcoder" => LatentActivation.JumpRelu(file.Number("jumprelu_bandwidth", 0.05)),
        "gated" => LatentActivation.Gated,
        _ => throw file.Error(
            $"architecture '{architecture}' is not known; known are standard, topk, batchtopk, matryoshka_batchtopk, jumprelu, gated, transcoder, skip_transcoder, jumprelu_transcoder and jumprelu_skip_transcoder"),
    };

    // SAELens has four classes of transcoders, of ReLU and JumpReLU, which pass over a k in their configuration.
    private static string Architecture(DictionaryConfig config, bool transcoder, bool skip) => (config.Activation, transcoder) switch
    {
        (ReluLatents, true) => skip ? "skip_transcoder" : "transcoder",
        (JumpReluLatents, true) => skip ? "jumprelu_skip_transcoder" : "jumprelu_transcoder",
        (BatchTopKLatents, false) when !config.Nesting.IsEmpty => "matryoshka_batchtopk",
        (ReluLatents or TopKLatents or BatchTopKLatents or JumpReluLatents or GatedLatents, false) => config.Activation.Name,
        (TopKLatents, true) => throw new ArgumentException(
            "SAELens has no TopK transcoder: its transcoders are ReLU and JumpReLU ones, and it would read this one as ReLU. Save it in sparsify's layout (DictionaryLayout.Sparsify), which has them."),
        (BatchTopKLatents, true) => throw new ArgumentException(
            "SAELens has no BatchTopK transcoder: its transcoders are ReLU and JumpReLU ones. Make it a JumpReLU one first (ForInference)."),
        _ => throw new ArgumentException($"SAELens's layout has no {config.Activation.Name} {(transcoder ? "transcoder" : "dictionary")}."),
    };

    private static InputNormalisation Normalisation(ConfigFile file) => file.OptionalText("normalize_activations") switch
    {
        null or "none" or "expected_average_only_in" => InputNormalisation.None, // the last is folded into stored weights
        "layer_norm" => InputNormalisation.LayerNorm,
        "constant_norm_rescale" => InputNormalisation.ConstantNorm,
        var other => throw file.Error($"normalize_activations '{other}' is not known"),
    };

    private static string NormalisationName(InputNormalisation normalisation) => normalisation switch
    {
        InputNormalisation.LayerNorm => "layer_norm",
        InputNormalisation.ConstantNorm => "constant_norm_rescale",
        _ => "none",
    };

    private static string TypeName(ScalarType dtype) => dtype switch
    {
        ScalarType.Float64 => "float64",
        ScalarType.Float16 => "float16",
        ScalarType.BFloat16 => "bfloat16",
        _ => "float32",
    };
}
