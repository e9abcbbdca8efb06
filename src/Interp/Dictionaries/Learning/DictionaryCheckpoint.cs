namespace Interp;

using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A training in mid-way, as one file that is whole or absent.</summary>
/// <remarks>Weights, Adam's moments, counters of silence, threshold and the number of steps: a resumed training goes on bit for bit.</remarks>
internal static class DictionaryCheckpoint
{
    private const string Step = "step";
    private const string Threshold = "threshold";

    /// <summary>Writes a checkpoint; the earlier one stays until the new one is complete.</summary>
    public static void Save(DictionaryTrainer trainer, string path)
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string> { [Step] = trainer.StepsDone.ToString(CultureInfo.InvariantCulture) };
        if (trainer.Dictionary.BatchThreshold is { } threshold)
            metadata[Threshold] = threshold.ToString("R", CultureInfo.InvariantCulture);
        Safetensors.Write(path, Tensors(trainer), metadata);
    }

    /// <summary>Puts a trainer, made as the first one was, where the checkpoint was written.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is of another dictionary, or no checkpoint.</exception>
    public static void Load(DictionaryTrainer trainer, string path)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue(Step, out var step))
            throw new InvalidDataException($"'{path}' is no checkpoint of a dictionary's training: it does not say how many steps were done.");
        foreach (var (name, tensor) in Tensors(trainer))
        {
            if (!file.Contains(name) || !file.Entry(name).Shape.SequenceEqual(tensor.shape) || SafetensorsTensors.Stored(tensor.dtype) != file.Entry(name).Type)
                throw new InvalidDataException($"Checkpoint '{path}' is of another training: its '{name}' is not {tensor.dtype} [{string.Join(", ", tensor.shape)}]. Delete it, or train the same dictionary.");
            tensor.copy_(file.Read(name));
        }
        trainer.Dictionary.BatchThreshold = file.Metadata.TryGetValue(Threshold, out var threshold) ? double.Parse(threshold, CultureInfo.InvariantCulture) : null;
        trainer.ContinueFrom(int.Parse(step, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(DictionaryTrainer trainer)
    {
        foreach (var (i, (name, tensor)) in trainer.Dictionary.Weights.Named().Index())
        {
            yield return ($"weights/{name}", tensor);
            yield return ($"means/{name}", trainer.Optimizer.Means[i]);
            yield return ($"squares/{name}", trainer.Optimizer.Squares[i]);
        }
        yield return ("silent", trainer.Silent);
    }
}
