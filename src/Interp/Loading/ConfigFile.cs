namespace Interp.Extending;

using System.Globalization;
using System.Text.Json;

/// <summary>A model's configuration as it stands in a JSON file; what is absent and what is null are the same.</summary>
public sealed class ConfigFile
{
    private readonly JsonElement root;

    private ConfigFile(string source, JsonElement root)
    {
        Source = source;
        this.root = root;
    }

    /// <summary>Where the configuration comes from; errors begin with it.</summary>
    public string Source { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The JSON file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no JSON object.</exception>
    public static ConfigFile Open(string path) =>
        File.Exists(path) ? Parse(File.ReadAllText(path), path) : throw new FileNotFoundException($"There is no configuration '{path}'.", path);

    /// <summary>Reads a configuration from text.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="InvalidDataException">The text is no JSON object.</exception>
    public static ConfigFile Parse(string json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigFile(source, document.RootElement.Clone())
                : throw new InvalidDataException($"Configuration '{source}' is not a JSON object.");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"Configuration '{source}' is not valid JSON: {problem.Message}", problem);
        }
    }

    /// <summary>Whether a value is there and not null.</summary>
    /// <param name="name">The key.</param>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Whether a key is there, be its value null: some families take an absent value for their default and null for none.</summary>
    /// <param name="name">The key.</param>
    public bool Mentions(string name) => root.TryGetProperty(name, out _);

    /// <summary>A whole number.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is absent or no whole number.</exception>
    public int Int(string name) => OptionalInt(name) ?? throw Absent(name);

    /// <summary>A whole number, or what stands for an absent one.</summary>
    /// <param name="name">The key.</param>
    /// <param name="fallback">The value where there is none.</param>
    /// <exception cref="InvalidDataException">It is no whole number.</exception>
    public int Int(string name, int fallback) => OptionalInt(name) ?? fallback;

    /// <summary>A number.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is absent or no number.</exception>
    public double Number(string name) => OptionalNumber(name) ?? throw Absent(name);

    /// <summary>A number, or what stands for an absent one.</summary>
    /// <param name="name">The key.</param>
    /// <param name="fallback">The value where there is none.</param>
    /// <exception cref="InvalidDataException">It is no number.</exception>
    public double Number(string name, double fallback) => OptionalNumber(name) ?? fallback;

    /// <summary>True or false, or what stands for an absent value.</summary>
    /// <param name="name">The key.</param>
    /// <param name="fallback">The value where there is none.</param>
    /// <exception cref="InvalidDataException">It is neither true nor false.</exception>
    public bool Flag(string name, bool fallback) => Find(name) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Wrong(name, other, "true or false"),
    };

    /// <summary>A text.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is absent or no text.</exception>
    public string Text(string name) => OptionalText(name) ?? throw Absent(name);

    /// <summary>A text, or null where there is none.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is no text.</exception>
    public string? OptionalText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw Wrong(name, other, "a text"),
    };

    /// <summary>A list of texts; empty where there is none.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is no list of texts.</exception>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            throw Wrong(name, list, "a list of texts");
        return [.. list.EnumerateArray().Select(item => item.GetString()!)];
    }

    /// <summary>A list of numbers; empty where there is none.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is no list of numbers.</exception>
    public IReadOnlyList<double> Numbers(string name)
    {
        if (Find(name) is not { } list)
            return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Number))
            throw Wrong(name, list, "a list of numbers");
        return [.. list.EnumerateArray().Select(item => item.GetDouble())];
    }

    /// <summary>Texts written as runs, <c>[[["global", "local"], 12]]</c>: each list as often as the number behind it says; empty where there is none.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is something else, or longer than a thousand entries.</exception>
    public IReadOnlyList<string> Repeated(string name)
    {
        if (Find(name) is not { } runs)
            return [];
        try
        {
            List<string> all = [];
            foreach (var run in runs.EnumerateArray())
                for (var i = 0; i < run[1].GetInt32() && all.Count <= 1000; i++)
                    all.AddRange(run[0].EnumerateArray().Select(item => item.GetString()!));
            return all.Count <= 1000 && !all.Contains(null!) ? all : throw Wrong(name, runs, "at most a thousand texts");
        }
        catch (Exception problem) when (problem is InvalidOperationException or IndexOutOfRangeException or FormatException)
        {
            throw Wrong(name, runs, "a list of [list of texts, count]");
        }
    }

    /// <summary>Whether a value is a text; some configurations keep a text where others keep a number.</summary>
    /// <param name="name">The key.</param>
    public bool IsText(string name) => Find(name) is { ValueKind: JsonValueKind.String };

    /// <summary>An object inside the configuration, or null where there is none.</summary>
    /// <param name="name">The key.</param>
    /// <exception cref="InvalidDataException">It is no object.</exception>
    public ConfigFile? Section(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } section => new ConfigFile($"{Source}: {name}", section),
        { } other => throw Wrong(name, other, "an object"),
    };

    /// <summary>An error about this configuration.</summary>
    /// <param name="fact">What is wrong and what to do, without a full stop.</param>
    public InvalidDataException Error(string fact) => new($"Configuration '{Source}': {fact}.");

    /// <summary>Where it was read from.</summary>
    public override string ToString() => Source;

    private int? OptionalInt(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) => value,
        { } other => throw Wrong(name, other, string.Create(CultureInfo.InvariantCulture, $"a whole number up to {int.MaxValue}")),
    };

    private double? OptionalNumber(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetDouble(out var value) => value,
        { } other => throw Wrong(name, other, "a number"),
    };

    private JsonElement? Find(string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private InvalidDataException Absent(string name) =>
        Error($"'{name}' is absent.{NearestName.Hint(name, root.EnumerateObject().Select(property => property.Name))}".TrimEnd('.'));

    private InvalidDataException Wrong(string name, JsonElement value, string wanted) => Error($"'{name}' is {value.GetRawText()}, wanted {wanted}");
}
