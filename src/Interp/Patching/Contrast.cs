namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Clean prompts, corrupted prompts and a metric: what every causal method starts from. A value.</summary>
/// <remarks>
/// The default direction is denoising: the base run reads the corrupted prompts and values come from the clean run. Prompts are aligned by
/// position, so a clean prompt and its corruption must have equally many tokens.
/// </remarks>
public sealed record Contrast
{
    /// <summary>A contrast between two plans; edits of a plan are live whenever its prompts run, so that a corruption may be one of activations.</summary>
    /// <param name="clean">The prompts that show the behaviour.</param>
    /// <param name="corrupted">The prompts, or the edits, that destroy it.</param>
    /// <param name="metric">What is measured.</param>
    /// <exception cref="ArgumentException">The models or the numbers of prompts or of tokens differ; the message shows both tokenisations.</exception>
    public Contrast(RunPlan clean, RunPlan corrupted, Metric metric)
    {
        ArgumentNullException.ThrowIfNull(clean);
        ArgumentNullException.ThrowIfNull(corrupted);
        if (!ReferenceEquals(clean.Model, corrupted.Model))
            throw new ArgumentException("Clean and corrupted plan run different models: make both with one model's On.", nameof(corrupted));
        (CleanPlan, CorruptedPlan, Metric) = (clean, corrupted, metric);
        if (Clean.Batch != Corrupted.Batch)
            throw new ArgumentException($"There are {Clean.Batch} clean and {Corrupted.Batch} corrupted prompts: give a corruption for each.");
        for (var row = 0; row < Clean.Batch; row++)
            if (Clean.Rows[row].Length != Corrupted.Rows[row].Length)
                throw new ArgumentException(
                    $"Prompt {row} has {Clean.Rows[row].Length} tokens clean and {Corrupted.Rows[row].Length} corrupted, so positions do not line up.\n"
                    + $"  clean:     {Shown(Clean, row)}\n  corrupted: {Shown(Corrupted, row)}\nChoose a corruption of equal length.");
    }

    /// <summary>A contrast between prepared inputs.</summary>
    /// <exception cref="ArgumentException">The numbers of prompts or of tokens differ; the message shows both tokenisations.</exception>
    public Contrast(HookedTransformer model, RunInput clean, RunInput corrupted, Metric metric)
        : this(model.On(clean), model.On(corrupted), metric)
    {
    }

    /// <summary>The model. It stays its owner's.</summary>
    public HookedTransformer Model => CleanPlan.Model;

    /// <summary>The prompts that show the behaviour.</summary>
    public RunInput Clean => CleanPlan.Input;

    /// <summary>The prompts that do not.</summary>
    public RunInput Corrupted => CorruptedPlan.Input;

    /// <summary>What is measured.</summary>
    public Metric Metric { get; }

    /// <summary>The run that shows the behaviour.</summary>
    public RunPlan CleanPlan { get; }

    /// <summary>The run that does not.</summary>
    public RunPlan CorruptedPlan { get; }

    /// <summary>Which run is changed; the corrupted one by default.</summary>
    public Direction Direction { get; init; } = Direction.Denoising;

    /// <summary>The prompts of the run that is changed.</summary>
    public RunInput Base => Direction == Direction.Denoising ? Corrupted : Clean;

    /// <summary>The prompts of the run that values come from.</summary>
    public RunInput Source => Direction == Direction.Denoising ? Clean : Corrupted;

    /// <summary>The run that is changed.</summary>
    public RunPlan BasePlan => Direction == Direction.Denoising ? CorruptedPlan : CleanPlan;

    /// <summary>The run that values come from.</summary>
    public RunPlan SourcePlan => Direction == Direction.Denoising ? CleanPlan : CorruptedPlan;

    /// <summary>The same contrast the other way round: clean run changed, values from the corrupted one.</summary>
    public Contrast Noising() => this with { Direction = Direction.Noising };

    /// <summary>The same contrast over some of its prompts, for passes that must not hold all.</summary>
    /// <exception cref="NotSupportedException">A run has edits, which may hold values for all prompts.</exception>
    internal Contrast Part(int start, int count)
    {
        if (start == 0 && count == Base.Batch)
            return this;
        if (!CleanPlan.IsPlain || !CorruptedPlan.IsPlain)
            throw new NotSupportedException("The contrast's runs have edits, which cannot be taken apart by prompt: give a budget that holds all prompts at once.");
        return new Contrast(CleanPlan with { Input = Clean.Slice(start, count) }, CorruptedPlan with { Input = Corrupted.Slice(start, count) }, Metric.Rows(start, count))
        {
            Direction = Direction,
        };
    }

    /// <summary>The metric of each clean prompt.</summary>
    public double[] CleanMetric() => Measured(CleanPlan);

    /// <summary>The metric of each corrupted prompt.</summary>
    public double[] CorruptedMetric() => Measured(CorruptedPlan);

    internal double[] Measured(RunPlan plan)
    {
        using var scope = NewDisposeScope();
        return Numbers(plan.Measure(Metric));
    }

    /// <summary>Clean minus corrupted metric, to divide by.</summary>
    /// <param name="clean">Mean metric of the clean run.</param>
    /// <param name="corrupted">Mean metric of the corrupted run.</param>
    /// <param name="otherwise">What to use where they hardly differ.</param>
    /// <exception cref="InvalidOperationException">They are too close.</exception>
    internal static double Range(double clean, double corrupted, string otherwise) =>
        Math.Abs(clean - corrupted) >= 1e-6 * Math.Max(1, Math.Max(Math.Abs(clean), Math.Abs(corrupted)))
            ? clean - corrupted
            : throw new InvalidOperationException($"Clean ({clean:g6}) and corrupted ({corrupted:g6}) metric hardly differ: nothing to normalise by. Use {otherwise}.");

    /// <summary>The values of a tensor as doubles.</summary>
    internal static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    private string Shown(RunInput input, int row) => string.Join(" | ", input.Rows[row].Select(Model.TokenText));
}
