namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Dictionaries on disk, in SAELens's layout: a folder with <c>cfg.json</c> and <c>sae_weights.safetensors</c>.</summary>
/// <remarks>
/// Weights keep their data type, bit for bit. A BatchTopK dictionary is stored with its threshold as <c>topk_threshold</c>, as SAELens's
/// training class has it; <see cref="SparseDictionary.ForInference"/> first makes the JumpReLU dictionary that SAELens loads.
/// </remarks>
public static class DictionaryFiles
{
    /// <summary>The file of the description.</summary>
    internal const string ConfigName = "cfg.json";

    private const string WeightsName = "sae_weights.safetensors";
    private const string BatchThreshold = "topk_threshold";

    /// <summary>Saves a dictionary.</summary>
    /// <param name="dictionary">The dictionary.</param>
    /// <param name="folder">The folder; it is made where it is absent, and files in it are replaced once the new ones are complete.</param>
    /// <exception cref="ArgumentException">The activation rule is not one that the layout knows.</exception>
    public static void Save(this SparseDictionary dictionary, string folder)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        using var scope = NewDisposeScope();
        var config = SaeLensConfig.Write(dictionary);
        Directory.CreateDirectory(folder);
        // The layout's skip path is [d_out, d_in].
        var tensors = dictionary.Weights.Named().Select(t => t.Name == "W_skip" ? (t.Name, t.Tensor.t()) : t).ToList();
        if (dictionary.BatchThreshold is { } threshold)
            tensors.Add((BatchThreshold, full([], threshold, dtype: ScalarType.Float64)));
        Safetensors.Write(Path.Combine(folder, WeightsName), tensors.Select(t => (Stored(dictionary, t.Name), t.Item2)));
        var temporary = Path.Combine(folder, ConfigName + ".new");
        File.WriteAllText(temporary, config);
        File.Move(temporary, Path.Combine(folder, ConfigName), overwrite: true);
    }

    /// <summary>Loads a dictionary from SAELens's layout.</summary>
    /// <param name="folder">The folder with <c>cfg.json</c>.</param>
    /// <param name="dtype">Data type; null for the stored one.</param>
    /// <param name="device">Device; null for the CPU.</param>
    /// <returns>The dictionary, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">A file is absent.</exception>
    /// <exception cref="InvalidDataException">A file is cut short, contradicts itself, or is of an architecture that is not known.</exception>
    public static SparseDictionary Load(string folder, ScalarType? dtype = null, Device? device = null)
    {
        var config = SaeLensConfig.Read(ConfigFile.Open(Path.Combine(folder, ConfigName)));
        using var file = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
        using var scope = NewDisposeScope();
        Tensor Read(string name) => file.Contains(name)
            ? file.Read(name, dtype, device).DetachFromDisposeScope()
            : throw new InvalidDataException($"'{file.Path}' has no tensor '{name}', which a {config.Activation.Name} dictionary needs. It has: {string.Join(", ", file.Names)}.");
        if (config.Activation is JumpReluLatents jump && file.Contains(JumpReluLatents.LogThreshold))
            config = config with { Activation = jump with { InLogSpace = true } };
        var own = new Dictionary<string, Tensor>();
        foreach (var name in config.Activation.OwnWeights)
            own[name] = Read(name);
        var weights = new DictionaryWeights
        {
            Encoder = Read("W_enc"), EncoderBias = Read(config.Activation is GatedLatents ? "b_gate" : "b_enc"), Decoder = Read("W_dec"),
            DecoderBias = Read("b_dec"), Latent = own,
            Skip = file.Contains("W_skip") ? Read("W_skip").t().contiguous().DetachFromDisposeScope() : null,
        };
        try
        {
            return SparseDictionary.Create(config, weights, file.Contains(BatchThreshold) ? file.ReadDoubles(BatchThreshold)[0] : null);
        }
        catch (ArgumentException problem)
        {
            weights.Dispose();
            throw new InvalidDataException($"'{folder}' holds no whole dictionary: {problem.Message}", problem);
        }
    }

    private static string Stored(SparseDictionary dictionary, string name) =>
        name == "b_enc" && dictionary.Config.Activation is GatedLatents ? "b_gate" : name;
}
