namespace Interp.Tests.Unit.Text;

using System.Text.Json.Nodes;

/// <summary>A folder of tokenizer files made up for a test; it goes away with the test.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("interp-text-");

    public string Path => folder.FullName;

    /// <summary>A byte-level tokenizer of the 256 bytes and some merges, as Llama 3's file is built.</summary>
    public static JsonObject ByteLevel(params string[] merges)
    {
        var vocabulary = new JsonObject();
        for (var b = 0; b < 256; b++)
            vocabulary[ByteAlphabet.Character((byte)b).ToString()] = b;
        foreach (var merge in merges)
            vocabulary.TryAdd(merge.Replace(" ", ""), vocabulary.Count);
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]) },
        };
    }

    /// <summary>An added token.</summary>
    public static JsonObject Added(int id, string content, bool special = false, bool lstrip = false, bool rstrip = false, bool singleWord = false, bool normalized = false) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["special"] = special,
        ["lstrip"] = lstrip,
        ["rstrip"] = rstrip,
        ["single_word"] = singleWord,
        ["normalized"] = normalized,
    };

    public TokenizerFolder With(string name, string content)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, name), content);
        return this;
    }

    public TokenizerFolder With(JsonNode tokenizer) => With("tokenizer.json", tokenizer.ToJsonString());

    public ITokenizer Load() => Tokenizers.Load(Path);

    public void Dispose() => folder.Delete(recursive: true);
}
