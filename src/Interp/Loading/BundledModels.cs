namespace Interp;

/// <summary>Models whose weights are in the assembly: resources <c>Interp.Organisms/NAME/model.safetensors</c> and <c>tokens.txt</c>.</summary>
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

    /// <summary>The tokenizer: one token a line, the first begins a sequence.</summary>
    public static VocabularyTokenizer Tokenizer(string name)
    {
        using var reader = new StreamReader(Open(name + "/tokens.txt"));
        var tokens = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new VocabularyTokenizer(tokens, bos: tokens[0]);
    }

    private static Stream Open(string part) => typeof(BundledModels).Assembly.GetManifestResourceStream(Prefix + part)
        ?? throw new FileNotFoundException($"The assembly holds no '{part}'.", part);
}
