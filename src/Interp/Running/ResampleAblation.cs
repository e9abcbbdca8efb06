namespace Interp;

using TorchSharp;

/// <summary>The values of other prompts, row by row.</summary>
internal sealed class ResampleAblation(RunPlan reference) : Ablation
{
    /// <inheritdoc/>
    public override string ToString() => $"resample ablation from {reference.Input.Batch} prompts";

    /// <inheritdoc/>
    internal override PreparedAblation Prepare(Unit unit)
    {
        var run = reference.Capture(unit).WithoutLogits().Run();
        return new PreparedAblation(Interventions.Apply((_, context) => run.Cache[context.Name], ToString()), run);
    }
}
