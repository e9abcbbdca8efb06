namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What a step reports and remembers, added up over the passes that its batch is taken in.</summary>
internal sealed class StepTotals(int width, Device device)
{
    private double rowsSmallest;
    private long active;
    private double errors;

    /// <summary>The loss's parts.</summary>
    public Dictionary<string, double> Terms { get; } = [];

    /// <summary>Which latents fired, [width] of bool.</summary>
    public Tensor Fired { get; } = zeros([width], dtype: ScalarType.Bool, device: device);

    /// <summary>The smallest active latent; infinite where none was active.</summary>
    public double Smallest { get; private set; } = double.PositiveInfinity;

    /// <summary>The mean over rows of each one's smallest active latent.</summary>
    public double SmallestOfRows(WholeBatch batch) => rowsSmallest / batch.Rows;

    public double L0(WholeBatch batch) => active / (double)batch.Rows;

    public double Unexplained(WholeBatch batch) => errors / batch.Spread.ToDouble();

    public void Add(TrainingPass pass)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var acts = pass.Latents.Acts.detach();
        Fired.logical_or_(pass.Fired());
        active += acts.count_nonzero().ToInt64();
        errors += (pass.Output - pass.Target).square().sum().ToDouble();
        if (pass.Dictionary.Config.Activation is not (TopKLatents or BatchTopKLatents))
            return;
        var smallest = acts.masked_fill(acts <= 0, double.PositiveInfinity).amin(-1); // [rows]
        Smallest = Math.Min(Smallest, smallest.min().ToDouble());
        rowsSmallest += smallest.sum().ToDouble();
    }

    public void Add(LossTerms terms)
    {
        foreach (var (name, value) in terms.Parts)
            Terms[name] = Terms.GetValueOrDefault(name) + value.ToDouble();
    }
}
