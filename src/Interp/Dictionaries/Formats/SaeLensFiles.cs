namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>SAELens's layout.</summary>
internal static class SaeLensFiles
{
    public const string WeightsName = "sae_weights.safetensors";
    private const string ConfigName = "cfg.json";
    private const string BatchThreshold = "topk_threshold";

    public static void Save(SparseDictionary dictionary, string folder)
    {
        using var scope = NewDisposeScope();
        var config = SaeLensConfig.Write(dictionary);
        Directory.CreateDirectory(folder);
        // The layout's skip path is [d_out, d_in].
        var tensors = dictionary.Weights.Named().Select(t => t.Name == "W_skip" ? (t.Name, t.Tensor.t()) : t).ToList();
        if (dictionary.BatchThreshold is { } threshold)
            tensors.Add((BatchThreshold, full([], threshold, dtype: ScalarType.Float64)));
        Safetensors.Write(Path.Combine(folder, WeightsName), tensors.Select(t => (Stored(dictionary, t.Item1), t.Item2)));
        DictionaryFiles.WriteText(Path.Combine(folder, ConfigName), config);
    }

    public static SparseDictionary Load(string folder, ScalarType? dtype, Device? device)
    {
        var config = SaeLensConfig.Read(ConfigFile.Open(Path.Combine(folder, ConfigName)));
        using var file = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
        using var scope = NewDisposeScope();
        var stored = new StoredTensors(file.Path, file.Names, name => file.Read(name, dtype, device));
        if (config.Activation is JumpReluLatents jump && file.Contains(JumpReluLatents.LogThreshold))
            config = config with { Activation = jump with { InLogSpace = true } };
        return stored.Assemble(config, new DictionaryWeights
        {
            Encoder = stored["W_enc"], EncoderBias = stored[config.Activation is GatedLatents ? "b_gate" : "b_enc"], Decoder = stored["W_dec"],
            DecoderBias = stored["b_dec"], Latent = config.Activation.OwnWeights.ToDictionary(name => name, name => stored[name]),
            Skip = file.Contains("W_skip") ? stored.Transposed("W_skip") : null,
        }, file.Contains(BatchThreshold) ? file.ReadDoubles(BatchThreshold)[0] : null);
    }

    private static string Stored(SparseDictionary dictionary, string name) =>
        name == "b_enc" && dictionary.Config.Activation is GatedLatents ? "b_gate" : name;
}
