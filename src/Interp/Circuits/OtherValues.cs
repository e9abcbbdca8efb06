namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What nodes outside a circuit write.</summary>
internal static class OtherValues
{
    /// <summary>The values at every site that nodes write, each of the site's shape or one that broadcasts to it; the caller frees them.</summary>
    public static Dictionary<HookName, Tensor> Of(RunPlan other, CircuitAblation ablation, CancellationToken cancellation)
    {
        using var noGradient = no_grad();
        using var run = other.Capture(GradientPlans.Written(other.Model.Config)).WithoutLogits().Run(cancellation);
        using var scope = NewDisposeScope();
        return run.Cache.ToDictionary(e => e.Key, e => (ablation switch
        {
            CircuitAblation.Resample => e.Value.alias(),
            CircuitAblation.Mean => e.Value.mean([0], keepdim: true),
            _ => zeros([1], dtype: e.Value.dtype, device: e.Value.device),
        }).DetachFromDisposeScope());
    }
}
