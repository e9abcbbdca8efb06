namespace Interp;

using System.Text.Json;
using System.Text.Json.Nodes;
using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>sparsify's layout: TopK dictionaries and transcoders, with or without a skip path.</summary>
/// <remarks>
/// There W_enc is a linear layer's, [width, d_in], and the skip path [d_out, d_in]. A transcoder does not centre its input. The hook point
/// is the folder's name (<c>layers.3.mlp</c>), unless the configuration was written here and says it.
/// </remarks>
internal static class SparsifyFiles
{
    public const string WeightsName = "sae.safetensors";
    private const string ConfigName = "cfg.json";

    public static void Save(SparseDictionary dictionary, string folder)
    {
        using var scope = NewDisposeScope();
        var config = Described(dictionary);
        Directory.CreateDirectory(folder);
        var weights = dictionary.Weights;
        List<(string, Tensor)> tensors =
            [("encoder.weight", weights.Encoder.t()), ("encoder.bias", weights.EncoderBias), ("W_dec", weights.Decoder), ("b_dec", weights.DecoderBias)];
        if (weights.Skip is { } skip)
            tensors.Add(("W_skip", skip.t()));
        Safetensors.Write(Path.Combine(folder, WeightsName), tensors);
        DictionaryFiles.WriteText(Path.Combine(folder, ConfigName), config);
    }

    public static SparseDictionary Load(string folder, ScalarType? dtype, Device? device)
    {
        var file = ConfigFile.Open(Path.Combine(folder, ConfigName));
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
        using var scope = NewDisposeScope();
        var stored = new StoredTensors(tensors.Path, tensors.Names, name => tensors.Read(name, dtype, device));
        return stored.Assemble(Config(file, folder), new DictionaryWeights
        {
            Encoder = stored.Transposed("encoder.weight"), EncoderBias = stored["encoder.bias"], Decoder = stored["W_dec"], DecoderBias = stored["b_dec"],
            Skip = stored.Contains("W_skip") ? stored.Transposed("W_skip") : null,
        });
    }

    private static DictionaryConfig Config(ConfigFile file, string folder)
    {
        if (file.OptionalText("activation") is { } activation and not "topk")
            throw file.Error($"activation '{activation}' is not known; known is topk");
        foreach (var flag in new[] { "embed_skip", "gram_lookup", "signed" })
            if (file.Flag(flag, false))
                throw file.Error($"'{flag}' is set: a dictionary with it reads more than one activation, or has negative latents, and cannot be loaded");
        var (dIn, transcode) = (file.Int("d_in"), file.Flag("transcode", false));
        var width = file.Int("num_latents", 0);
        var (input, output) = HookPointKeys.Read(file) ?? HookPointKeys.OfModule(Path.GetFileName(Path.GetFullPath(folder).TrimEnd('/', '\\')), transcode);
        width = width > 0 ? width : dIn * file.Int("expansion_factor", 32);
        return new DictionaryConfig
        {
            DIn = dIn, Width = width, Nesting = HookPointKeys.Nesting(file, width), Activation = LatentActivation.TopK(file.Int("k", 32)),
            CentreInput = !transcode, Input = input, Output = output,
            ModelName = file.OptionalText(HookPointKeys.ModelName), ModelFingerprint = file.OptionalText(HookPointKeys.ModelFingerprint),
        };
    }

    private static string Described(SparseDictionary dictionary)
    {
        var config = dictionary.Config;
        if (config.Activation is not TopKLatents top || config.DIn != config.DOut || config.RescaleByDecoderNorm || config.Normalisation != InputNormalisation.None)
            throw new ArgumentException(
                $"sparsify's layout has TopK dictionaries of equal width at both ends, without rescaling or normalisation, not this one: {dictionary}."
                + (config.RescaleByDecoderNorm ? " Fold first (FoldDecoderNorms)." : ""));
        var json = new JsonObject
        {
            ["activation"] = "topk", ["expansion_factor"] = Math.Max(1, config.Width / config.DIn), ["normalize_decoder"] = true, ["num_latents"] = config.Width,
            ["k"] = top.K, ["multi_topk"] = false, ["skip_connection"] = dictionary.Weights.Skip is not null, ["transcode"] = !config.CentreInput,
            ["d_in"] = config.DIn,
        };
        HookPointKeys.Write(json, config);
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n";
    }
}
