namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>What stands in for an activation that is taken out.</summary>
/// <remarks>An ablation is a value. What it has to measure first (a mean over other prompts) it measures when the run begins, not before.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public abstract class Ablation
{
    /// <summary>Zeros.</summary>
    public static Ablation Zero { get; } = new Fixed("zero ablation", Interventions.Zero());

    /// <summary>The mean over reference prompts.</summary>
    /// <param name="reference">The reference prompts, such as <c>model.On(texts)</c>; edits of that plan are live while they run.</param>
    /// <param name="perPosition">A mean for each position (prompts of equal length), or one over all real tokens.</param>
    public static Ablation MeanOver(RunPlan reference, bool perPosition = true) => new MeanAblation(reference, perPosition);

    /// <summary>The values of other prompts, row by row (resample ablation): as many prompts, of equal length.</summary>
    /// <param name="reference">The other prompts, such as <c>model.On(corrupted)</c>.</param>
    public static Ablation Resample(RunPlan reference) => new ResampleAblation(reference);

    /// <summary>The activation plus Gaussian noise.</summary>
    /// <param name="standardDeviation">Of the noise.</param>
    /// <param name="seed">The same seed draws the same noise at the same hook point.</param>
    public static Ablation Noise(double standardDeviation, long seed = 0) => new NoiseAblation(standardDeviation, seed);

    /// <summary>What takes the activation's place.</summary>
    public abstract override string ToString();

    /// <summary>Measures what has to be measured and gives the intervention for one unit.</summary>
    /// <param name="unit">What is ablated.</param>
    /// <returns>The intervention; what it disposes goes with it.</returns>
    internal abstract PreparedAblation Prepare(Unit unit);

    private sealed class Fixed(string name, IIntervention intervention) : Ablation
    {
        internal override PreparedAblation Prepare(Unit unit) => new(intervention);

        public override string ToString() => name;
    }
}
