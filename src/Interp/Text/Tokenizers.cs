namespace Interp;

/// <summary>Loads tokenizers from files.</summary>
public static class Tokenizers
{
    /// <summary>Loads the tokenizer of a model's folder, or of one file.</summary>
    /// <param name="path">
    /// A folder; or <c>tokenizer.json</c>; or <c>vocab.json</c>, with <c>merges.txt</c> beside it for GPT-2's kind, without for a plain list of tokens.
    /// In a folder the first of them that is there is taken.
    /// </param>
    /// <returns>The tokenizer, with the special tokens that tokenizer_config.json (or special_tokens_map.json) beside it names.</returns>
    /// <exception cref="FileNotFoundException">There is no such path, or the folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or asks for something that is not known here; the message names the place.</exception>
    public static ITokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path))
            return LoadFile(path);
        foreach (var name in new[] { "tokenizer.json", "vocab.json" })
            if (File.Exists(Path.Combine(path, name)))
                return LoadFile(Path.Combine(path, name));
        throw new FileNotFoundException(
            Directory.Exists(path)
                ? $"No tokenizer in {path}: looked for tokenizer.json, vocab.json (with merges.txt)."
                : $"There is no file or folder {path}.",
            path);
    }

    private static ITokenizer LoadFile(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var merges = Path.Combine(folder, "merges.txt");
        using var document = JsonPart.Parse(path);
        var root = new JsonPart(document.RootElement, path);
        if (root.Find("model") is not null && root.Find("model")!.Value.Element.ValueKind == System.Text.Json.JsonValueKind.Object)
            return TokenizerJsonReader.Read(root, TokenizerConfig.Beside(folder));
        return File.Exists(merges)
            ? Gpt2FilesReader.Read(root, merges, TokenizerConfig.Beside(folder))
            : TokenListReader.Read(root);
    }
}
