namespace Interp;

/// <summary>An activation that is very much larger than those around it.</summary>
/// <param name="Name">Where.</param>
/// <param name="Prompt">Which prompt.</param>
/// <param name="Position">Which column of the batch.</param>
/// <param name="Dimension">Which dimension of the residual stream.</param>
/// <param name="Value">Its value.</param>
/// <param name="Ratio">Its magnitude over the median magnitude of the layer's activations.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record MassiveActivation(HookName Name, int Prompt, int Position, int Dimension, double Value, double Ratio)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name} prompt {Prompt} pos {Position} dimension {Dimension}: {NumberText.Short(Value)}, {NumberText.Fixed(Ratio, 0)} times the median";
}
