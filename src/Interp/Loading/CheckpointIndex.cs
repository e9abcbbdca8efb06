namespace Interp;

using System.Text.Json;

/// <summary>The index of a sharded checkpoint: which file of the folder holds which tensor.</summary>
internal static class CheckpointIndex
{
    public const string FileName = "model.safetensors.index.json";
    public const string PickleFileName = "pytorch_model.bin.index.json";

    /// <summary>Reads the index and checks that no shard lies outside the folder.</summary>
    /// <returns>From a tensor's name to its file's name.</returns>
    /// <exception cref="InvalidDataException">The index is not what it should be.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return ReadMap(path, document.RootElement);
        }
        catch (JsonException problem)
        {
            throw Bad(path, $"it is not valid JSON ({problem.Message}): fetch it again", problem);
        }
    }

    private static Dictionary<string, string> ReadMap(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw Bad(path, "it has no object 'weight_map' from tensor names to files");
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw Bad(path, $"its 'weight_map' gives no file name for tensor '{property.Name}'");
            var shard = property.Value.GetString()!;
            if (!IsPlainName(shard))
                throw Bad(path, $"it puts tensor '{property.Name}' into '{shard}', which is not a plain file name: a shard lies in the folder of its index");
            if (!shards.TryAdd(property.Name, shard))
                throw Bad(path, $"its 'weight_map' holds tensor '{property.Name}' twice");
        }
        return shards.Count > 0 ? shards : throw Bad(path, "its 'weight_map' is empty");
    }

    private static bool IsPlainName(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;

    private static InvalidDataException Bad(string path, string fact, Exception? inner = null) => new($"Checkpoint index '{path}': {fact}.", inner);
}
