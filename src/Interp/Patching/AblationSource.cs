namespace Interp;

using Interp.Extending;
using static TorchSharp.torch;

/// <summary>What an ablation puts in place of the base's activations.</summary>
internal sealed class AblationSource(Contrast contrast, Ablation ablation, bool single) : PatchSource
{
    /// <inheritdoc/>
    public override (ActivationCache Values, double[]? Metric) Read(IReadOnlyList<Unit> units, ActivationCache own, CancellationToken cancellation)
    {
        var supplied = single ? null : contrast.Measured(contrast.SourcePlan, cancellation);
        var values = new ActivationCache(contrast.Model, contrast.Base);
        try
        {
            foreach (var unit in units)
            {
                cancellation.ThrowIfCancellationRequested();
                using var prepared = ablation.Prepare(unit);
                foreach (var name in HookBinding.Names(contrast.Model, unit))
                    values.Put(name, name.Site, new MemoryActivation(Ablated(prepared.Intervention, name, own)));
            }
            return (values, supplied);
        }
        catch
        {
            values.Dispose();
            throw;
        }
    }

    private Tensor Ablated(IIntervention intervention, HookName name, ActivationCache own)
    {
        using var scope = NewDisposeScope();
        var values = intervention.Apply(own[name], new InterventionContext(name, name, 0));
        if (values.dim() > own[name].dim() || values.shape.Reverse().Zip(own[name].shape.Reverse()).Any(p => p.First != p.Second && p.First != 1))
            throw new ArgumentException(
                $"{ablation} gives [{string.Join(", ", values.shape)}] for {name}, which is [{string.Join(", ", own[name].shape)}]: its prompts must be as many and as long as those that are ablated.");
        return values.expand(own[name].shape).clone().DetachFromDisposeScope();
    }
}
