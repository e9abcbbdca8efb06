namespace Interp;

using Interp.Extending;
using TorchSharp;

/// <summary>An ablation in a chain: it becomes an intervention when the run begins.</summary>
internal sealed class AblationEdit(Ablation ablation) : IIntervention
{
    /// <summary>What stands in for the activation.</summary>
    public Ablation Ablation => ablation;

    /// <inheritdoc/>
    public torch.Tensor Apply(torch.Tensor selected, InterventionContext context) =>
        throw new InvalidOperationException($"{ablation} must be prepared before it acts: use it through a run plan.");

    /// <inheritdoc/>
    public override string ToString() => ablation.ToString()!;
}
