namespace Interp;

/// <summary>Loads tokenizers from files.</summary>
public static class Tokenizers
{
    /// <summary>Loads the tokenizer of a model's folder, or of one file: <c>tokenizer.json</c>.</summary>
    /// <param name="path">A folder, or a file.</param>
    /// <returns>The tokenizer, with the special tokens that tokenizer_config.json (or special_tokens_map.json) beside it names.</returns>
    /// <exception cref="FileNotFoundException">There is no such path, or the folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or asks for something that is not known here; the message names the place.</exception>
    public static ITokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path))
            return TokenizerJsonReader.Read(path, TokenizerConfig.Beside(Path.GetDirectoryName(Path.GetFullPath(path))!));
        var json = Path.Combine(path, "tokenizer.json");
        if (File.Exists(json))
            return TokenizerJsonReader.Read(json, TokenizerConfig.Beside(path));
        throw new FileNotFoundException(
            Directory.Exists(path) ? $"No tokenizer in {path}: looked for tokenizer.json." : $"No file or folder {path}.", path);
    }
}
