namespace Interp;

using Interp.Extending;
using static TorchSharp.torch;

/// <summary>Loads models: where everything starts.</summary>
public static partial class Models
{
    private const string HuggingFaceConfig = "config.json";
    private const string TransformerLensFile = "tl_config.json";

    /// <summary>The names of the models that come with the library.</summary>
    public static IReadOnlyList<string> Bundled => BundledModels.Names;

    /// <summary>The entries of <c>architectures</c> in a config.json that are read without a family of your own.</summary>
    public static IReadOnlyList<string> Architectures { get; } = [.. ModelFamilies.Known.SelectMany(family => family.Architectures)];

    /// <summary>
    /// Loads a model: a folder with a Hugging Face checkpoint (config.json) or one in TransformerLens's layout (tl_config.json), or a file that
    /// <see cref="ModelSaving.Save"/> wrote, with the tokenizer that lies beside it; or a model that comes with the library (<see cref="Bundled"/>);
    /// or, where there is no such folder, a repository of the Hugging Face hub.
    /// </summary>
    /// <param name="path">The folder, with its weights in model.safetensors or in the shards of model.safetensors.index.json; or the file; or a bundled model's name; or <c>owner/name</c>.</param>
    /// <param name="options">Type, device, tokenizer, processing; null for the defaults.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such folder or file, or a part is missing.</exception>
    /// <exception cref="InvalidDataException">The architecture is not known, or a file is damaged or does not fit the others.</exception>
    public static HookedTransformer Load(string path, LoadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new LoadOptions();
        var whole = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(path))
            return Load(SafetensorsFile.Open(path), options with { Tokenizer = Tokenizer(Path.GetDirectoryName(whole)!, options) });
        if (Directory.Exists(path))
            return LoadFolder(path, Path.GetFileName(whole), options);
        if (BundledModels.Names.Contains(path))
            return Bundle(path, options);
        return IsRepository(path) ? Load(path, "main", options) : throw new FileNotFoundException(
            $"There is no folder '{path}'. Give the folder of a downloaded model, with {HuggingFaceConfig} and model.safetensors in it, a repository of the hub as owner/name, or a bundled model: {string.Join(", ", BundledModels.Names)}.", path);
    }

    private static HookedTransformer LoadFolder(string path, string name, LoadOptions options)
    {
        var (config, read, mayIgnore) = Describe(path, options);
        using var checkpoint = Checkpoint.Open(path, options.AllowPickle);
        return Build(checkpoint, config with { ModelName = name }, read, mayIgnore, options, Tokenizer(path, options));
    }

    /// <summary>Loads a model that <see cref="ModelSaving.Save"/> wrote and that is in memory, such as an embedded resource.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="options">Type, device, tokenizer, processing; null for the defaults.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="InvalidDataException">The content is damaged, or holds no configuration.</exception>
    public static HookedTransformer Load(ReadOnlyMemory<byte> content, string name, LoadOptions? options = null) =>
        Load(SafetensorsFile.Open(content, name), options ?? new LoadOptions());

    /// <summary>Loads weights in TransformerLens's layout, raw or processed, for a configuration that is at hand.</summary>
    /// <param name="checkpoint">A safetensors file, an index, or a folder with either.</param>
    /// <param name="config">What the model is built of; <see cref="NormKind.LayerNormPre"/> or <see cref="NormKind.RmsPre"/> where the norms are folded.</param>
    /// <param name="options">Type, device, tokenizer, processing; null for the defaults.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="InvalidDataException">A tensor is absent, superfluous or of another shape.</exception>
    public static HookedTransformer FromTransformerLens(string checkpoint, TransformerConfig config, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        options ??= new LoadOptions();
        using var opened = Checkpoint.Open(checkpoint, options.AllowPickle);
        return Build(opened, config, TransformerLensReader.Read, TransformerLensReader.MayIgnore, options, options.Tokenizer);
    }

    // Stored in half precision, which processors compute slowly or not at all.
    private static HookedTransformer Bundle(string name, LoadOptions options) => Load(BundledModels.Content(name), name, options with
    {
        DType = options.DType ?? ScalarType.Float32,
        Tokenizer = options.Tokenizer is null && options.ReadTokenizer ? BundledModels.Tokenizer(name) : options.Tokenizer,
    });

    private static HookedTransformer Load(SafetensorsFile file, LoadOptions options)
    {
        using var checkpoint = Checkpoint.Of(file);
        if (!file.Metadata.TryGetValue(ModelSaving.ConfigKey, out var json))
            throw new InvalidDataException($"Safetensors file '{file.Path}' holds no configuration ('{ModelSaving.ConfigKey}' in its metadata): give the model's folder, or use {nameof(FromTransformerLens)} with a configuration.");
        var config = Checked(ConfigFile.Parse(json, $"{file.Path}: {ModelSaving.ConfigKey}"), TransformerLensConfig.Read);
        return Build(checkpoint, config, TransformerLensReader.Read, TransformerLensReader.MayIgnore, options, options.Tokenizer);
    }

    private static (TransformerConfig Config, Func<WeightReader, TransformerConfig, TransformerWeights> Read, Func<string, bool> MayIgnore) Describe(
        string folder, LoadOptions options)
    {
        var hugging = Path.Combine(folder, HuggingFaceConfig);
        var lens = Path.Combine(folder, TransformerLensFile);
        if (File.Exists(hugging))
        {
            var file = ConfigFile.Open(hugging);
            var family = ModelFamilies.Find(file, options.Families);
            return (Checked(file, family.Describe), (reader, config) => family.Read(reader, file, config), family.MayIgnore);
        }
        if (File.Exists(lens))
            return (Checked(ConfigFile.Open(lens), TransformerLensConfig.Read), TransformerLensReader.Read, TransformerLensReader.MayIgnore);
        throw new FileNotFoundException($"Folder '{folder}' has neither {HuggingFaceConfig} (Hugging Face) nor {TransformerLensFile} (TransformerLens): it holds no model.", hugging);
    }

    private static TransformerConfig Checked(ConfigFile file, Func<ConfigFile, TransformerConfig> describe)
    {
        try
        {
            return describe(file).Validated();
        }
        catch (ArgumentException problem)
        {
            throw new InvalidDataException($"Configuration '{file.Source}': {problem.Message}", problem);
        }
    }

    private static ITokenizer? Tokenizer(string folder, LoadOptions options)
    {
        if (options.Tokenizer is not null || !options.ReadTokenizer)
            return options.Tokenizer;
        try
        {
            return Tokenizers.Load(folder);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static HookedTransformer Build(
        Checkpoint checkpoint, TransformerConfig config, Func<WeightReader, TransformerConfig, TransformerWeights> read, Func<string, bool> mayIgnore,
        LoadOptions options, ITokenizer? tokenizer)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var reader = new WeightReader(checkpoint, options.DType ?? DefaultType(checkpoint), options.Device ?? CPU);
        var weights = read(reader, config);
        RefuseUnread(checkpoint, reader, mayIgnore);
        if (options.Processing != WeightProcessing.None)
            (config, weights) = WeightProcessor.Process(config, weights, options.Processing);
        var model = Fitted(checkpoint, config, weights, tokenizer);
        foreach (var (_, tensor) in weights.Tensors())
            tensor.DetachFromDisposeScope();
        return model;
    }

    private static HookedTransformer Fitted(Checkpoint checkpoint, TransformerConfig config, TransformerWeights weights, ITokenizer? tokenizer)
    {
        try
        {
            return HookedTransformer.Create(config, weights, tokenizer);
        }
        catch (ArgumentException problem)
        {
            throw new InvalidDataException($"Checkpoint '{checkpoint.Path}' does not fit its configuration: {problem.Message}", problem);
        }
    }

    private static ScalarType DefaultType(Checkpoint checkpoint) =>
        checkpoint.Names.Any(name => checkpoint.Entry(name).Type == ScalarType.Float64) ? ScalarType.Float64 : ScalarType.Float32;

    private static void RefuseUnread(Checkpoint checkpoint, WeightReader reader, Func<string, bool> mayIgnore)
    {
        var unread = reader.Unread.Where(name => !mayIgnore(name)).ToArray();
        if (unread.Length == 0)
            return;
        var some = string.Join(", ", unread.Take(4).Select(name => $"'{name}'"));
        throw new InvalidDataException(
            $"Checkpoint '{checkpoint.Path}' holds {unread.Length} tensors that its configuration has no use for, among them {some}: configuration and weights are not of the same model.");
    }
}
