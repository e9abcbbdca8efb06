namespace Interp;

using System.Text.Json;

/// <summary>Texts from files, one after the other; nothing is read before it is needed.</summary>
public static class TextSources
{
    /// <summary>Each file as one text, in UTF-8.</summary>
    /// <param name="paths">The files.</param>
    /// <exception cref="FileNotFoundException">A file is not there, said when it is its turn.</exception>
    public static IEnumerable<string> FromFiles(params IEnumerable<string> paths) => paths.Select(File.ReadAllText);

    /// <summary>One text from each line of a file of JSON objects; empty lines are passed over.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="field">The property that holds the text.</param>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">A line is no JSON object, or its property is missing or no text, said when it is its turn.</exception>
    public static IEnumerable<string> FromJsonLines(string path, string field = "text")
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        return File.ReadLines(path).Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)).Select(line => Text(line.Item, field, $"line {line.Index + 1} of '{path}'"));
    }

    private static string Text(string line, string field, string where)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String)
                return value.GetString()!;
            var found = root.ValueKind == JsonValueKind.Object ? string.Join(", ", root.EnumerateObject().Select(p => p.Name)) : root.ValueKind.ToString();
            throw new InvalidDataException($"There is no text '{field}' in {where}. It has: {found}.");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"No JSON in {where}: {problem.Message}", problem);
        }
    }
}
