namespace Interp;

using System.Text.Json;

/// <summary>Circuits as JSON files.</summary>
public static class CircuitFiles
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Saves a circuit: the model's name and shape, the metric, how it was found, and every edge with its score.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="path">The file; it appears whole or not at all.</param>
    public static void Save(this Circuit circuit, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var config = circuit.Graph.Config;
        var file = new CircuitFile(
            config.ModelName, config.Layers, config.Heads, config.KvHeads, circuit.Contrast.Metric.Name, circuit.Method,
            [.. circuit.Edges.Select(e => new CircuitFileEdge($"{e.Source}->{e.Target}", e.Score))]);
        var temporary = path + ".part";
        File.WriteAllText(temporary, JsonSerializer.Serialize(file, Indented));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Loads a circuit, for a contrast on a model of the same shape.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="path">A file that <see cref="Save"/> wrote.</param>
    /// <exception cref="InvalidDataException">The file is no circuit, or one of a model of another shape.</exception>
    public static Circuit LoadCircuit(this Contrast contrast, string path)
    {
        CircuitFile file;
        try
        {
            file = JsonSerializer.Deserialize<CircuitFile>(File.ReadAllText(path)) ?? throw new JsonException("null");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"'{path}' is no circuit file: {problem.Message}", problem);
        }
        var config = contrast.Model.Config;
        if ((file.Layers, file.Heads, file.KeyValueHeads) != (config.Layers, config.Heads, config.KvHeads))
            throw new InvalidDataException(
                $"'{path}' is a circuit of '{file.Model}' with {file.Layers} layers and {file.Heads} ({file.KeyValueHeads} key-value) heads; {config.ModelName} has {config.Layers} and {config.Heads} ({config.KvHeads}).");
        var graph = CircuitExtensions.GraphOf(contrast);
        var scores = file.Edges.ToDictionary(e => Circuit.Parse(graph, e.Edge), e => e.Score);
        return new Circuit(contrast, graph, file.Method, e => scores.GetValueOrDefault(e), scores.Keys);
    }

    private sealed record CircuitFileEdge(string Edge, double Score);

    private sealed record CircuitFile(string Model, int Layers, int Heads, int KeyValueHeads, string Metric, string Method, CircuitFileEdge[] Edges);
}
