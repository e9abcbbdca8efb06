namespace Interp;

/// <summary>The tensors of a model as they lie on disk: one safetensors file, or several with an index; where it is asked for, PyTorch's pickles.</summary>
/// <remarks>Safe to read from several threads.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class Checkpoint : IDisposable
{
    private readonly Dictionary<string, ITensorFile> owners = new(StringComparer.Ordinal);
    private readonly List<ITensorFile> files = [];

    private Checkpoint(string path) => Path = path;

    /// <summary>The folder or file that was opened.</summary>
    public string Path { get; }

    /// <summary>The names of all tensors, sorted.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>Opens <c>model.safetensors</c> or <c>model.safetensors.index.json</c> in a folder, or the file that is named.</summary>
    /// <param name="path">A folder, a safetensors file or an index.</param>
    /// <param name="allowPickle">Whether <c>pytorch_model.bin</c> or its index may stand in for safetensors; <see cref="PickledTensors"/> reads it and runs nothing of it.</param>
    /// <exception cref="FileNotFoundException">There is no checkpoint, or a shard is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or a pickle that was not asked for, or a shard lacks a tensor that the index promises.</exception>
    public static Checkpoint Open(string path, bool allowPickle = false)
    {
        var checkpoint = new Checkpoint(path);
        try
        {
            var file = Locate(path, allowPickle);
            if (file.EndsWith(".json", StringComparison.Ordinal))
                checkpoint.AddShards(file, allowPickle);
            else
                checkpoint.Add(TensorFiles.Open(file, allowPickle));
            checkpoint.Names = [.. checkpoint.owners.Keys.Order(StringComparer.Ordinal)];
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>A checkpoint over one open file, which becomes its own.</summary>
    internal static Checkpoint Of(SafetensorsFile file)
    {
        var checkpoint = new Checkpoint(file.Path);
        checkpoint.Add(file);
        checkpoint.Names = [.. file.Names.Order(StringComparer.Ordinal)];
        return checkpoint;
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    /// <param name="name">The tensor's name.</param>
    public bool Contains(string name) => owners.ContainsKey(name);

    /// <summary>What a tensor is.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="InvalidDataException">The checkpoint has no such tensor; the message names the nearest.</exception>
    public TensorEntry Entry(string name) => Owner(name).Describe(name);

    /// <summary>Closes the files; tensors that were read stay valid.</summary>
    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    /// <summary>Where it lies, and how many tensors it holds.</summary>
    public override string ToString() => $"{Path}: {Names.Count} tensors";

    private static string Locate(string path, bool allowPickle)
    {
        if (File.Exists(path))
            return path;
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"There is no folder or file '{path}'.", path);
        string[] names = ["model.safetensors", CheckpointIndex.FileName, .. allowPickle ? ["pytorch_model.bin", CheckpointIndex.PickleFileName] : Array.Empty<string>()];
        return names.Select(name => System.IO.Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? throw NoCheckpoint(path, names);
    }

    private static FileNotFoundException NoCheckpoint(string path, string[] names)
    {
        var pickled = Directory.EnumerateFiles(path).Select(file => System.IO.Path.GetFileName(file)).Where(TensorFiles.IsPickle).Order(StringComparer.Ordinal).FirstOrDefault();
        var way = pickled is null ? "" : $" '{pickled}' is a pickle, which other programs may run code from: set {nameof(LoadOptions)}.{nameof(LoadOptions.AllowPickle)} to have pytorch_model.bin read here without that, or take safetensors.";
        return new FileNotFoundException($"Folder '{path}' has none of {string.Join(", ", names)}.{way}", path);
    }

    private void Add(ITensorFile file)
    {
        files.Add(file);
        foreach (var name in file.Names)
            owners.Add(name, file);
    }

    private void AddShards(string index, bool allowPickle)
    {
        var folder = System.IO.Path.GetDirectoryName(index) ?? "";
        foreach (var shard in CheckpointIndex.Read(index).GroupBy(pair => pair.Value, pair => pair.Key))
        {
            var path = System.IO.Path.Combine(folder, shard.Key);
            if (!File.Exists(path))
                throw new FileNotFoundException($"Checkpoint index '{index}' needs the file '{shard.Key}' for {shard.Count()} tensors, and it is not there: fetch it.", path);
            var file = TensorFiles.Open(path, allowPickle);
            files.Add(file);
            foreach (var name in shard)
            {
                if (!file.Contains(name))
                    throw new InvalidDataException($"Checkpoint index '{index}' promises tensor '{name}' in '{shard.Key}', which does not hold it: index and shards are of different versions; fetch them again.");
                owners.Add(name, file);
            }
        }
    }

    private ITensorFile Owner(string name) =>
        owners.TryGetValue(name, out var file)
            ? file
            : throw new InvalidDataException($"Checkpoint '{Path}' has no tensor '{name}' among its {Names.Count}.{NearestName.Hint(name, Names)} The checkpoint does not fit its configuration.");
}
