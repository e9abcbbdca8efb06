namespace Interp;

/// <summary>Which of a repository's files loading a model takes.</summary>
internal static class HubModelFiles
{
    /// <summary>Weights in the order of choice: one file, or an index of several.</summary>
    private static readonly string[] Safe = ["model.safetensors", CheckpointIndex.FileName];
    private static readonly string[] Pickled = ["pytorch_model.bin", CheckpointIndex.PickleFileName];

    private static readonly string[] Small =
    [
        "config.json", "tl_config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "tokenizer.model", "spiece.model", "vocab.json", "merges.txt", "vocab.txt",
    ];

    /// <summary>Configuration and tokenizer, as far as they are there.</summary>
    /// <exception cref="FileNotFoundException">There is no configuration.</exception>
    public static IReadOnlyList<string> Descriptions(HubRepository repository, IReadOnlySet<string> files)
    {
        if (!files.Contains("config.json") && !files.Contains("tl_config.json"))
            throw new FileNotFoundException($"Repository '{repository}' has no config.json: it holds no model that is read here. Fetch single files of it with {nameof(Hub)}.{nameof(Hub.File)}.");
        return [.. Small.Where(files.Contains), .. files.Where(name => name.EndsWith(".tiktoken", StringComparison.Ordinal) && !name.Contains('/')).Order(StringComparer.Ordinal)];
    }

    /// <summary>The file of weights, or the index that names them.</summary>
    /// <exception cref="FileNotFoundException">There are none, or only pickles that were not asked for.</exception>
    public static string Weights(HubRepository repository, IReadOnlySet<string> files, bool allowPickle)
    {
        if (Safe.FirstOrDefault(files.Contains) is { } safe)
            return safe;
        if (Pickled.FirstOrDefault(files.Contains) is not { } pickled)
            throw new FileNotFoundException($"Repository '{repository}' has none of {string.Join(", ", [.. Safe, .. Pickled])}.");
        return allowPickle ? pickled : throw new FileNotFoundException(
            $"Repository '{repository}' has its weights as a pickle alone ('{pickled}'), which other programs may run code from. Set {nameof(LoadOptions)}.{nameof(LoadOptions.AllowPickle)} to have it read here without that.", pickled);
    }

    /// <summary>Whether a folder has a configuration and whole weights.</summary>
    public static bool IsComplete(string folder, bool allowPickle)
    {
        if (!File.Exists(Path.Combine(folder, "config.json")) && !File.Exists(Path.Combine(folder, "tl_config.json")))
            return false;
        string[] names = allowPickle ? [.. Safe, .. Pickled] : Safe;
        if (names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } weights)
            return false;
        return !weights.EndsWith(".json", StringComparison.Ordinal) || CheckpointIndex.Read(weights).Values.Distinct().All(shard => File.Exists(Path.Combine(folder, shard)));
    }
}
