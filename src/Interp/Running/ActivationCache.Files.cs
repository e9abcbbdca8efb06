namespace Interp;

using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

/// <content>A cache as a safetensors file.</content>
public sealed partial class ActivationCache
{
    private const string Format = "interp.activation-cache/1";
    private const string PartMark = " | ";

    /// <summary>Writes the activations, under their hook points' names, and the prompts to a safetensors file; <see cref="Load"/> gives them back bit for bit.</summary>
    /// <param name="path">The file; an existing one is replaced once the new one is complete.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Dictionary<string, string> metadata = new() { ["format"] = Format, ["model"] = Model.Config.ModelName };
        if (Input is not null)
            metadata["prompts"] = JsonSerializer.Serialize(Stored.Of(Input));
        metadata["order"] = string.Join('\n', entries.Keys.Select(Key)); // of the forward pass: the file has an order of its own
        Safetensors.Write(path, entries.Select(e => (Key(e.Key), e.Value.Tensor)), metadata);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model that had run. It stays its owner's.</param>
    /// <param name="device">Where the activations go; null: where the model is.</param>
    /// <returns>A cache that the caller disposes. Named spans of the prompts are not kept.</returns>
    /// <exception cref="InvalidDataException">The file holds no cache, or one of a model with other hook points.</exception>
    public static ActivationCache Load(string path, HookedTransformer model, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new InvalidDataException($"'{path}' holds no activation cache: its format is '{file.Metadata.GetValueOrDefault("format")}', expected '{Format}'.");
        var known = model.HookNames.ToHashSet();
        var cache = new ActivationCache(model, Prompts(file));
        try
        {
            foreach (var stored in (file.Metadata.GetValueOrDefault("order") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var (name, part) = stored.Split(PartMark, 2) is [var text, var rest] ? (text, rest) : (stored, "");
                if (!HookName.TryParse(name, out var hook) || !known.Contains(hook))
                    throw new InvalidDataException($"'{path}' holds '{name}', which {model.Config.ModelName} does not have: it is the cache of another model ('{file.Metadata.GetValueOrDefault("model")}').");
                cache.entries[(hook, part)] = new MemoryActivation(file.Read(stored, device: device ?? model.Device).DetachFromDisposeScope());
            }
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    private static string Key((HookName Name, string Part) key) => key.Part.Length == 0 ? key.Name.ToString() : $"{key.Name}{PartMark}{key.Part}";

    private static RunInput? Prompts(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue("prompts", out var json))
            return null;
        try
        {
            return JsonSerializer.Deserialize<Stored>(json)!.ToInput();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NullReferenceException)
        {
            throw new InvalidDataException($"'{file.Path}' holds prompts that cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Prompts as JSON.</summary>
    private sealed record Stored(int[][] Rows, PaddingSide Side, bool[][]? Mask)
    {
        // Rows without padding say by their length what the mask is; rows that hold their padding need it.
        public static Stored Of(RunInput input) => new(
            [.. input.Rows.Select(r => r.ToArray())], input.Side,
            input.Mask is { } mask && input.Rows.All(r => r.Length == input.Length) ? [.. mask.Select(r => r.ToArray())] : null);

        public RunInput ToInput()
        {
            if (Mask is null)
                return RunInput.Of(Rows, Side);
            using var scope = NewDisposeScope();
            long[] shape = [Rows.Length, Rows[0].Length];
            return RunInput.Of(
                tensor(Rows.SelectMany(r => r.Select(t => (long)t)).ToArray(), shape), tensor(Mask.SelectMany(r => r.Select(m => m ? 1L : 0L)).ToArray(), shape));
        }
    }
}
