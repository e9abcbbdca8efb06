namespace Interp;

/// <summary>Models whose weights are in the assembly: resources <c>Interp.Organisms/NAME/model.safetensors</c> and <c>tokenizer.json</c> or <c>tokens.txt</c>.</summary>
internal static class BundledModels
{
    private const string Prefix = "Interp.Organisms/";
    private const string Weights = "/model.safetensors";

    /// <summary>The names that <see cref="Models.Load(string, LoadOptions?)"/> knows without a file.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(BundledModels).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith(Weights, StringComparison.Ordinal))
            .Select(n => n[Prefix.Length..^Weights.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The whole file of weights.</summary>
    public static ReadOnlyMemory<byte> Content(string name)
    {
        using var stream = Open(name + Weights);
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    /// <summary>The tokenizer: a tokenizer.json, or one token a line, where a first line <c>&lt;bos&gt;</c> begins every sequence.</summary>
    public static ITokenizer Tokenizer(string name)
    {
        if (Has(name + "/tokenizer.json"))
        {
            using var json = new StreamReader(Open(name + "/tokenizer.json"));
            return Tokenizers.Parse(json.ReadToEnd(), $"tokenizer.json of {name}");
        }
        using var reader = new StreamReader(Open(name + "/tokens.txt"));
        var tokens = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new VocabularyTokenizer(tokens, bos: tokens[0] == "<bos>" ? tokens[0] : null);
    }

    private static bool Has(string part) => typeof(BundledModels).Assembly.GetManifestResourceInfo(Prefix + part) is not null;

    private static Stream Open(string part) => typeof(BundledModels).Assembly.GetManifestResourceStream(Prefix + part)
        ?? throw new FileNotFoundException($"The assembly holds no '{part}'.", part);
}
