namespace Interp;

/// <summary>Saving of models.</summary>
public static class ModelSaving
{
    /// <summary>Under which key of the file's metadata the configuration stands.</summary>
    internal const string ConfigKey = "tl_config";

    /// <summary>Saves a model as one safetensors file: weights under TransformerLens's names, its configuration in the metadata under <c>tl_config</c>.</summary>
    /// <param name="model">The model; its tokenizer is not saved.</param>
    /// <param name="path">The file; an existing one is replaced once the new one is complete. <see cref="Models.Load(string, LoadOptions?)"/> reads it back.</param>
    /// <exception cref="ArgumentException">The path does not end in <c>.safetensors</c>, or the model has parts that are not the library's.</exception>
    /// <exception cref="InvalidOperationException">The model has something that TransformerLens's layout cannot hold.</exception>
    public static void Save(this HookedTransformer model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!path.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new ArgumentException($"'{path}' does not end in .safetensors, the one format that models are saved in.", nameof(path));
        WeightProcessingExtensions.RefuseReplacedParts(model);
        using var table = model.ToTransformerLens();
        var metadata = new Dictionary<string, string> { ["format"] = "pt", [ConfigKey] = TransformerLensConfig.Write(model.Config) };
        Safetensors.Write(path, table.Select(pair => (pair.Key, pair.Value)), metadata);
    }
}
