namespace Interp;

using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

/// <content>
/// The published layout: a folder with <c>config.json</c> and the translators' <c>0.weight</c>, <c>0.bias</c>, <c>1.weight</c>, ... in a file
/// of parameters.
/// </content>
public sealed partial class TunedLens
{
    private const string ConfigName = "config.json";
    private const string ParametersName = "params.safetensors";
    private const string PublishedName = "params.pt";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Saves the lens: <c>config.json</c> as published, and the translators under their published names.</summary>
    /// <param name="folder">The folder; it is made where it is absent.</param>
    /// <param name="pickle">Whether the translators are written as <c>params.pt</c>, which tuned-lens itself loads; else as <c>params.safetensors</c>. The other is removed.</param>
    public void Save(string folder, bool pickle = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Directory.CreateDirectory(folder);
        var named = weights.Select((w, l) => (Name(l, "weight"), w)).Concat(biases.Select((b, l) => (Name(l, "bias"), b))).ToArray();
        if (pickle)
            StateDictionary.Write(Path.Combine(folder, PublishedName), named);
        else
            Safetensors.Write(Path.Combine(folder, ParametersName), named);
        File.Delete(Path.Combine(folder, pickle ? ParametersName : PublishedName));
        var temporary = Path.Combine(folder, ConfigName + ".new");
        File.WriteAllText(temporary, JsonSerializer.Serialize(Config with { Bias = biases.Length > 0 }, Json));
        File.Move(temporary, Path.Combine(folder, ConfigName), overwrite: true);
    }

    /// <summary>Loads a lens and checks that it fits a model.</summary>
    /// <param name="folder">The folder with <c>config.json</c> and <c>params.safetensors</c>, or the published <c>params.pt</c>, of which nothing is run.</param>
    /// <param name="model">The model that it will read; its data type and device are taken.</param>
    /// <returns>The lens, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">A file is absent.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the lens is of a kind that is not known.</exception>
    /// <exception cref="ArgumentException">The model has another width or another number of layers.</exception>
    public static TunedLens Load(string folder, HookedTransformer model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentNullException.ThrowIfNull(model);
        var config = ReadConfig(Path.Combine(folder, ConfigName));
        new TunedLens(config, [], []).Check(model);
        using var file = Checkpoint.Open(Parameters(folder), allowPickle: true);
        List<Tensor> read = [];
        Tensor Read(int layer, string part, params ReadOnlySpan<long> shape)
        {
            read.Add(file.Read(Name(layer, part), shape, model.Dtype, model.Device).DetachFromDisposeScope());
            return read[^1];
        }
        try
        {
            var layers = Enumerable.Range(0, config.Layers).ToArray();
            return new TunedLens(
                config, [.. layers.Select(l => Read(l, "weight", config.DModel, config.DModel))],
                config.Bias ? [.. layers.Select(l => Read(l, "bias", config.DModel))] : []);
        }
        catch
        {
            read.ForEach(t => t.Dispose());
            throw;
        }
    }

    private static string Parameters(string folder)
    {
        var found = new[] { ParametersName, PublishedName }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return found ?? throw new FileNotFoundException($"'{folder}' has neither {ParametersName} nor {PublishedName}, the translators of a tuned lens.");
    }

    private static string Name(int layer, string part) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{layer}.{part}");

    private static TunedLensConfig ReadConfig(string path)
    {
        try
        {
            var config = JsonSerializer.Deserialize<TunedLensConfig>(File.ReadAllText(path)) ?? throw new InvalidDataException($"'{path}' is empty.");
            if (config.LensType != "linear_tuned_lens")
                throw new InvalidDataException($"'{path}' describes a '{config.LensType}': linear_tuned_lens is the kind that is read.");
            return config.Layers > 0 && config.DModel > 0
                ? config
                : throw new InvalidDataException($"'{path}' says {config.Layers} layers and d_model {config.DModel}, wanted at least 1 of each.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is no description of a tuned lens: {e.Message}", e);
        }
    }
}
