namespace Interp;

/// <summary>The tensors of a model as they lie on disk: one safetensors file, or several with an index.</summary>
/// <remarks>Safe to read from several threads.</remarks>
public sealed partial class Checkpoint : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> owners = new(StringComparer.Ordinal);
    private readonly List<SafetensorsFile> files = [];

    private Checkpoint(string path) => Path = path;

    /// <summary>The folder or file that was opened.</summary>
    public string Path { get; }

    /// <summary>The names of all tensors, sorted.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>Opens <c>model.safetensors</c> or <c>model.safetensors.index.json</c> in a folder, or the file that is named.</summary>
    /// <param name="path">A folder, a safetensors file or an index.</param>
    /// <exception cref="FileNotFoundException">There is no checkpoint, or a shard is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or a shard lacks a tensor that the index promises.</exception>
    public static Checkpoint Open(string path)
    {
        var checkpoint = new Checkpoint(path);
        try
        {
            var file = Locate(path);
            if (file.EndsWith(".json", StringComparison.Ordinal))
                checkpoint.AddShards(file);
            else
                checkpoint.Add(SafetensorsFile.Open(file));
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

    /// <summary>What a tensor is and where it lies in its file.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="InvalidDataException">The checkpoint has no such tensor; the message names the nearest.</exception>
    public SafetensorsEntry Entry(string name) => Owner(name).Entry(name);

    /// <summary>Closes the files; tensors that were read stay valid.</summary>
    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    private static string Locate(string path)
    {
        if (File.Exists(path))
            return path;
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"There is no folder or file '{path}'.", path);
        var single = System.IO.Path.Combine(path, "model.safetensors");
        var index = System.IO.Path.Combine(path, CheckpointIndex.FileName);
        if (File.Exists(single))
            return single;
        return File.Exists(index) ? index : throw NoCheckpoint(path);
    }

    private static FileNotFoundException NoCheckpoint(string path)
    {
        var pickled = Directory.EnumerateFiles(path).Select(System.IO.Path.GetFileName).Where(IsPickle).Order().FirstOrDefault();
        var way = pickled is null ? "" : $" '{pickled}' is a pickle, which can run code when it is read, and is not read here: convert it to safetensors.";
        return new FileNotFoundException($"Folder '{path}' has neither model.safetensors nor {CheckpointIndex.FileName}.{way}", path);
    }

    private static bool IsPickle(string? name) =>
        name is not null && (name.EndsWith(".bin", StringComparison.Ordinal) || name.EndsWith(".pt", StringComparison.Ordinal) || name.EndsWith(".pth", StringComparison.Ordinal));

    private void Add(SafetensorsFile file)
    {
        files.Add(file);
        foreach (var name in file.Names)
            owners.Add(name, file);
    }

    private void AddShards(string index)
    {
        var folder = System.IO.Path.GetDirectoryName(index) ?? "";
        foreach (var shard in CheckpointIndex.Read(index).GroupBy(pair => pair.Value, pair => pair.Key))
        {
            var path = System.IO.Path.Combine(folder, shard.Key);
            if (!File.Exists(path))
                throw new FileNotFoundException($"Checkpoint index '{index}' needs the file '{shard.Key}' for {shard.Count()} tensors, and it is not there: fetch it.", path);
            var file = SafetensorsFile.Open(path);
            files.Add(file);
            foreach (var name in shard)
            {
                if (!file.Contains(name))
                    throw new InvalidDataException($"Checkpoint index '{index}' promises tensor '{name}' in '{shard.Key}', which does not hold it: index and shards are of different versions; fetch them again.");
                owners.Add(name, file);
            }
        }
    }

    private SafetensorsFile Owner(string name) =>
        owners.TryGetValue(name, out var file)
            ? file
            : throw new InvalidDataException($"Checkpoint '{Path}' has no tensor '{name}' among its {Names.Count}.{NearestName.Hint(name, Names)} The checkpoint does not fit its configuration.");
}
