namespace Interp;

using TorchSharp;

/// <summary>Latents of some rows, and what they were made from.</summary>
/// <param name="pre">Pre-activations.</param>
/// <param name="acts">Latents.</param>
/// <param name="gate">Pre-activations of a gate, or null.</param>
/// <param name="selected">Which latents were chosen, or null where those are the positive ones.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class DictionaryLatents(torch.Tensor pre, torch.Tensor acts, torch.Tensor? gate = null, torch.Tensor? selected = null)
{
    /// <summary>Pre-activations; of a gated dictionary those of the magnitude path, [rows, width].</summary>
    public torch.Tensor Pre { get; } = pre;

    /// <summary>Latents, [rows, width].</summary>
    public torch.Tensor Acts { get; } = acts;

    /// <summary>Pre-activations of the gate, [rows, width]; null where there is none.</summary>
    public torch.Tensor? Gate { get; } = gate;

    /// <summary>Which latents a rule chose, zeros among them, [rows, width] of bool; null where they are the positive ones.</summary>
    public torch.Tensor? Selected { get; } = selected;

    /// <summary>Their shape.</summary>
    public override string ToString() => $"latents [{string.Join(", ", Acts.shape)}]";
}
