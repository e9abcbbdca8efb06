namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Copies of a cache: elsewhere, in another type, of some prompts.</content>
public sealed partial class ActivationCache
{
    /// <summary>A copy on another device or in another floating-point type.</summary>
    /// <param name="device">The device; null keeps it.</param>
    /// <param name="dtype">The type; null keeps each activation's own.</param>
    /// <returns>A cache that the caller disposes.</returns>
    public ActivationCache To(Device? device = null, ScalarType? dtype = null) =>
        Copied(Input, (_, tensor) => tensor.to(dtype ?? tensor.dtype, device ?? tensor.device, copy: true));

    /// <summary>A copy that holds some of the prompts; the batch axis stays.</summary>
    /// <param name="prompts">Which prompts, such as <c>3..4</c> for the fourth alone.</param>
    /// <returns>A cache that the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no such prompts.</exception>
    /// <exception cref="InvalidOperationException">The run had variants, whose rows are no prompts.</exception>
    public ActivationCache Prompts(Range prompts)
    {
        var rows = Input?.Batch ?? (int)entries.Where(e => HasBatch(e.Key.Name)).Select(e => e.Value.Tensor.shape[0]).FirstOrDefault();
        if (entries.FirstOrDefault(e => HasBatch(e.Key.Name) && e.Value.Tensor.shape[0] != rows) is { Value: { } other } entry)
            throw new InvalidOperationException($"'{entry.Key.Name}' has {other.Tensor.shape[0]} rows for {rows} prompts: the run had variants. Index the tensors instead.");
        var (start, count) = prompts.GetOffsetAndLength(rows);
        if (count == 0)
            throw new ArgumentOutOfRangeException(nameof(prompts), $"{prompts} holds no prompt: there are {rows} (0-{rows - 1}).");
        return Copied(Input?.Slice(start, count), (name, tensor) => HasBatch(name) ? tensor.narrow(0, start, count).clone() : tensor.clone());
    }

    private static bool HasBatch(HookName name) => name.Site.Axes[0] == "batch";

    private ActivationCache Copied(RunInput? input, Func<HookName, Tensor, Tensor> copy)
    {
        var result = new ActivationCache(Model, input);
        try
        {
            using var noGradient = no_grad();
            foreach (var (key, entry) in entries)
            {
                using var scope = NewDisposeScope();
                result.entries[key] = new MemoryActivation(copy(key.Name, entry.Tensor).DetachFromDisposeScope());
            }
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }
}
