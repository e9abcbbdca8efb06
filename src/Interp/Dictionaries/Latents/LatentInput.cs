namespace Interp;

using TorchSharp;

/// <summary>What a <see cref="LatentActivation"/> reads.</summary>
/// <param name="projected">x·W_enc without a bias.</param>
/// <param name="pre">Pre-activations.</param>
/// <param name="own">The rule's own weights.</param>
/// <param name="training">Whether this is a training step.</param>
/// <param name="threshold">The threshold of a batch rule, or null.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class LatentInput(
    torch.Tensor projected, torch.Tensor pre, IReadOnlyDictionary<string, torch.Tensor> own, bool training, double? threshold)
{
    /// <summary>x·W_enc without a bias, [rows, width].</summary>
    public torch.Tensor Projected { get; } = projected;

    /// <summary>Pre-activations: with the bias, and times the decoder norm where the dictionary says so, [rows, width].</summary>
    public torch.Tensor Pre { get; } = pre;

    /// <summary>Whether this is a training step: rules that choose over the batch do so only then.</summary>
    public bool Training { get; } = training;

    /// <summary>The threshold that a batch rule uses outside training; null before it is known.</summary>
    public double? Threshold { get; } = threshold;

    /// <summary>One of the rule's own weights, [width].</summary>
    /// <param name="name">One of <see cref="LatentActivation.OwnWeights"/>.</param>
    public torch.Tensor Own(string name) => own[name];

    /// <summary>The shape of the pre-activations.</summary>
    public override string ToString() => $"pre-activations [{string.Join(", ", Pre.shape)}]{(Training ? ", in training" : "")}";
}
