namespace Interp;

using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A training in mid-way, of one dictionary or several, as one file that is whole or absent.</summary>
/// <remarks>Weights, Adam's moments, counters of silence, threshold, factors and the number of steps: a resumed training goes on bit for bit.</remarks>
internal static class DictionaryCheckpoint
{
    /// <summary>Writes a checkpoint; the earlier one stays until the new one is complete.</summary>
    public static void Save(IReadOnlyList<DictionaryTrainer> trainers, string path)
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>();
        foreach (var (i, trainer) in trainers.Index())
        {
            metadata[$"{i}/step"] = trainer.StepsDone.ToString(CultureInfo.InvariantCulture);
            metadata[$"{i}/dictionary"] = Description(trainer);
            metadata[$"{i}/sparsity_factor"] = Text(trainer.SparsityFactor);
            metadata[$"{i}/input_scale"] = Text(trainer.InputScale);
            if (trainer.Dictionary.BatchThreshold is { } threshold)
                metadata[$"{i}/threshold"] = Text(threshold);
        }
        Safetensors.Write(path, trainers.Index().SelectMany(pair => Tensors(pair.Index, pair.Item)), metadata);
        DeleteParts(path);
    }

    /// <summary>Puts trainers, made as the first ones were, where the checkpoint was written.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of other dictionaries, or no checkpoint.</exception>
    public static void Load(IReadOnlyList<DictionaryTrainer> trainers, string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.ContainsKey("0/step"))
            throw new InvalidDataException($"'{path}' is no checkpoint of a dictionary's training: it does not say how many steps were done.");
        var stored = file.Metadata.Keys.Count(key => key.EndsWith("/step", StringComparison.Ordinal));
        if (stored != trainers.Count)
            throw new InvalidDataException($"Checkpoint '{path}' is of another training: it has {stored} dictionaries, wanted are {trainers.Count}. Delete it, or train the same ones.");
        foreach (var (i, trainer) in trainers.Index())
            Load(i, trainer, file, path);
    }

    private static void Load(int i, DictionaryTrainer trainer, SafetensorsFile file, string path)
    {
        foreach (var (name, tensor) in Tensors(i, trainer))
        {
            if (!file.Contains(name) || !file.Entry(name).Shape.SequenceEqual(tensor.shape) || SafetensorsTensors.Stored(tensor.dtype) != file.Entry(name).Type)
                throw new InvalidDataException($"Checkpoint '{path}' is of another training: its '{name}' is not {tensor.dtype} [{string.Join(", ", tensor.shape)}]. Delete it, or train the same dictionary.");
            tensor.copy_(file.Read(name));
        }
        if (file.Metadata[$"{i}/dictionary"] is var description && description != Description(trainer))
            throw new InvalidDataException($"Checkpoint '{path}' is of another training: it is of {description}, wanted is {Description(trainer)}. Delete it, or train the same dictionary.");
        double? Number(string name) => file.Metadata.TryGetValue($"{i}/{name}", out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;
        trainer.Dictionary.BatchThreshold = Number("threshold");
        trainer.SparsityFactor = Number("sparsity_factor") ?? 1;
        trainer.InputScale = Number("input_scale") ?? 1;
        trainer.ContinueFrom((int)Number("step")!.Value);
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Description(DictionaryTrainer trainer)
    {
        var config = trainer.Dictionary.Config;
        return $"{trainer.Options.Recipe} {config.Activation} {config.DIn} -> {config.Width} -> {config.DOut} at {config.Input} and {config.Output} of {config.ModelName} {config.ModelFingerprint}";
    }

    // What a process that was killed in the middle of writing left behind.
    private static void DeleteParts(string path)
    {
        var full = Path.GetFullPath(path);
        foreach (var part in Directory.EnumerateFiles(Path.GetDirectoryName(full)!, $"{Path.GetFileName(full)}.*.part"))
            File.Delete(part);
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(int i, DictionaryTrainer trainer)
    {
        foreach (var (place, (name, tensor)) in trainer.Dictionary.Weights.Named().Index())
        {
            yield return ($"{i}/weights/{name}", tensor);
            yield return ($"{i}/means/{name}", trainer.Optimizer.Means[place]);
            yield return ($"{i}/squares/{name}", trainer.Optimizer.Squares[place]);
        }
        yield return ($"{i}/silent", trainer.Silent);
    }
}
