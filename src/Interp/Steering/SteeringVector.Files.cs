namespace Interp;

using System.Globalization;
using System.Text.Json;

/// <content>Directions in safetensors files.</content>
public sealed partial class SteeringVector
{
    private const string Format = "interp.steering-vectors/1";

    /// <summary>Writes the direction to a safetensors file; <see cref="Load"/> gives it back bit for bit.</summary>
    public void Save(string path) => SaveAll(path, [this]);

    /// <summary>Reads a direction that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file holds no direction, or several.</exception>
    public static SteeringVector Load(string path)
    {
        var all = LoadAll(path);
        return all.Count == 1 ? all[0] : throw new InvalidDataException($"'{path}' holds {all.Count} directions: read them with LoadAll.");
    }

    /// <summary>Writes several directions, such as one for each layer, to a safetensors file.</summary>
    public static void SaveAll(string path, IReadOnlyList<SteeringVector> vectors)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var scope = TorchSharp.torch.NewDisposeScope();
        Dictionary<string, string> metadata = new() { ["format"] = Format, ["count"] = vectors.Count.ToString(CultureInfo.InvariantCulture) };
        for (var i = 0; i < vectors.Count; i++)
            metadata[Name(i)] = JsonSerializer.Serialize(new Stored(vectors[i].Origin?.ToString(), vectors[i].Provenance));
        Safetensors.Write(path, vectors.Select((v, i) => (Name(i), v.ToTensor(TorchSharp.torch.ScalarType.Float64))), metadata);
    }

    /// <summary>Reads what <see cref="SaveAll"/> wrote, in its order.</summary>
    /// <exception cref="InvalidDataException">The file holds no directions.</exception>
    public static IReadOnlyList<SteeringVector> LoadAll(string path)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new InvalidDataException($"'{path}' holds no directions: its format is '{file.Metadata.GetValueOrDefault("format")}', expected '{Format}'.");
        try
        {
            var count = int.Parse(file.Metadata["count"], CultureInfo.InvariantCulture);
            return [.. Enumerable.Range(0, count).Select(i => Read(file, i))];
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or ArgumentException or NullReferenceException)
        {
            throw new InvalidDataException($"'{path}' holds directions that cannot be read: {e.Message}", e);
        }
    }

    private static SteeringVector Read(SafetensorsFile file, int i)
    {
        var stored = JsonSerializer.Deserialize<Stored>(file.Metadata[Name(i)])!;
        return Of(file.Read(Name(i)), stored.Origin is { } origin ? HookName.Parse(origin) : null, stored.Provenance);
    }

    private static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"direction.{i}");

    private sealed record Stored(string? Origin, Provenance Provenance);
}
