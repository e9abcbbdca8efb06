namespace Interp;

/// <summary>Loads tokenizers from files.</summary>
public static class Tokenizers
{
    private static readonly string[] Names = ["tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt"];

    /// <summary>Loads the tokenizer of a model's folder, or of one file.</summary>
    /// <param name="path">
    /// A folder; or <c>tokenizer.json</c>; or a SentencePiece model, <c>tokenizer.model</c>; or <c>vocab.json</c>, with <c>merges.txt</c> beside it for
    /// GPT-2's kind, without for a plain list of tokens; or BERT's
    /// <c>vocab.txt</c>; or a <c>.tiktoken</c> file of a known vocabulary. In a folder the first of them that is there is taken.
    /// </param>
    /// <returns>The tokenizer, with the special tokens that tokenizer_config.json (or special_tokens_map.json) beside it names.</returns>
    /// <exception cref="FileNotFoundException">There is no such path, or the folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or asks for something that is not known here; the message names the place.</exception>
    public static ITokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path))
            return LoadFile(path);
        if (Names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) is { } file)
            return LoadFile(file);
        throw new FileNotFoundException(
            Directory.Exists(path) ? $"No tokenizer in {path}: looked for {string.Join(", ", Names)}." : $"There is no file or folder {path}.", path);
    }

    /// <summary>Reads the content of a tokenizer.json that is in memory, such as an embedded resource or what <see cref="BpeTrainer"/> learned.</summary>
    /// <param name="json">The whole content.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="InvalidDataException">It is not JSON, or asks for something that is not known here.</exception>
    public static ITokenizer Parse(string json, string name = "tokenizer.json")
    {
        ArgumentNullException.ThrowIfNull(json);
        using var document = JsonPart.Parse(System.Text.Encoding.UTF8.GetBytes(json), name);
        return TokenizerJsonReader.Read(new JsonPart(document.RootElement, name), new TokenizerConfig());
    }

    private static ITokenizer LoadFile(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".json" => LoadJson(path, folder),
            ".tiktoken" => TiktokenReader.Read(path, TokenizerConfig.Beside(folder)),
            ".model" when TiktokenReader.IsTiktoken(path) => TiktokenReader.Read(path, TokenizerConfig.Beside(folder)),
            ".model" or ".spm" or ".spiece" => SentencePieceReader.Read(path, TokenizerConfig.Beside(folder)),
            ".txt" => WordPieceFileReader.Read(path, TokenizerConfig.Beside(folder)),
            var other => throw new InvalidDataException($"{path}: a tokenizer file ends in .json, .model, .tiktoken or .txt, not in '{other}'."),
        };
    }

    private static ITokenizer LoadJson(string path, string folder)
    {
        using var document = JsonPart.Parse(path);
        var root = new JsonPart(document.RootElement, path);
        if (root.Find("model") is { Element.ValueKind: System.Text.Json.JsonValueKind.Object })
            return WithHint(() => TokenizerJsonReader.Read(root, TokenizerConfig.Beside(folder)), Path.Combine(folder, "tokenizer.model"));
        var merges = Path.Combine(folder, "merges.txt");
        return File.Exists(merges)
            ? Gpt2FilesReader.Read(root, merges, TokenizerConfig.Beside(folder))
            : TokenListReader.Read(root);
    }

    /// <summary>A tokenizer.json is often made from a SentencePiece model and damaged on the way; the model is then the better file.</summary>
    private static ITokenizer WithHint(Func<ITokenizer> read, string other)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException error) when (File.Exists(other))
        {
            throw new InvalidDataException($"{error.Message} The folder also has a SentencePiece model: load {other}.", error);
        }
    }
}
