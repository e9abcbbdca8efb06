namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Scores of whole texts.</content>
public sealed partial record RunPlan
{
    /// <summary>The log-probability of each prompt's tokens behind its first, sum log p(token | those before), in nats, [rows].</summary>
    /// <remarks>With a beginning token put first this is the log-probability of the whole text. Padding does not count.</remarks>
    /// <returns>A number for each prompt, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The prompts have one token only.</exception>
    public Tensor SequenceLogProbability(CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        return (-LossPerToken(cancellation).to(ScalarType.Float64).sum(1L)).MoveToOuterDisposeScope();
    }
}
