namespace Interp.Tests.Unit.Text;

using System.Text.Json;
using Shouldly;
using Xunit;

/// <summary>
/// Random Unicode strings against npm's @huggingface/tokenizers. eng/tokenizer-vectors.mjs makes the vectors; the environment variable
/// INTERP_TOKENIZER_VECTORS names their folder.
/// </summary>
[Trait("Tier", "unit")]
public sealed class IndependentTokenizerTests
{
    // npm's package approximates SentencePiece's precompiled character maps by NFKC, and does so for combining sequences differently.
    private const double MostApproximated = 0.003;

    [SkippableFact]
    public void Encode_RandomStrings_EqualNpm()
    {
        var folder = Environment.GetEnvironmentVariable("INTERP_TOKENIZER_VECTORS");
        Skip.If(string.IsNullOrEmpty(folder), "INTERP_TOKENIZER_VECTORS is not set; eng/tokenizer-vectors.mjs makes the vectors.");
        var files = Directory.GetFiles(folder, "*.json").Where(file => !Path.GetFileName(file).StartsWith("package", StringComparison.Ordinal)).ToArray();
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            var path = document.RootElement.GetProperty("tokenizer").GetString()!;
            var isApproximated = File.ReadAllText(path).Contains("precompiled_charsmap", StringComparison.Ordinal);
            Compare(Tokenizers.Load(path), document.RootElement.GetProperty("rows"), file, isApproximated ? MostApproximated : 0);
        }
    }

    private static void Compare(ITokenizer tokenizer, JsonElement rows, string file, double most)
    {
        var differ = new List<string>();
        foreach (var row in rows.EnumerateArray())
        {
            var text = row.GetProperty("text").GetString()!;
            var ids = tokenizer.Ids(text, new EncodeOptions { AddSpecialTokens = false });
            if (!ids.SequenceEqual(row.GetProperty("ids").Deserialize<int[]>()!))
                differ.Add(text);
        }
        var figure = $"{Path.GetFileNameWithoutExtension(file)}: {rows.GetArrayLength() - differ.Count} of {rows.GetArrayLength()} equal npm's{(most > 0 ? ", which approximates the character map" : "")}";
        Evidence.Record("token-random", differ.Count <= (int)(most * rows.GetArrayLength()), figure);
        differ.Count.ShouldBeLessThanOrEqualTo((int)(most * rows.GetArrayLength()), $"{file}: {string.Join(" / ", differ.Take(5))}");
    }
}
