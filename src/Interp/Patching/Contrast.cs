namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Clean prompts, corrupted prompts and a metric: what every causal method starts from. A value.</summary>
/// <remarks>
/// The default direction is denoising: the base run reads the corrupted prompts and values come from the clean run. Prompts are aligned by
/// position, or, where a clean prompt and its corruption differ in length, by the roles that both name (<see cref="Alignment"/>).
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record Contrast
{
    // A difference below this share of the metric is taken from runs in more bits.
    private const double Cancelling = 1.0 / 32;

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
        var roles = Clean.RoleNames.Intersect(Corrupted.RoleNames).ToArray();
        if (Clean.Rows.Zip(Corrupted.Rows).Any(r => r.First.Length != r.Second.Length) && roles.Length > 0)
            Alignment = PositionMap.ByRole();
        if (Clean.Batch != Corrupted.Batch)
            throw new ArgumentException($"There are {Clean.Batch} clean and {Corrupted.Batch} corrupted prompts: give a corruption for each.");
        if (Alignment is null)
            for (var row = 0; row < Clean.Batch; row++)
                if (Clean.Rows[row].Length != Corrupted.Rows[row].Length)
                    throw new ArgumentException(
                        $"Prompt {row} has {Clean.Rows[row].Length} tokens clean and {Corrupted.Rows[row].Length} corrupted, so positions do not line up.\n"
                        + $"  clean:     {Shown(Clean, row)}\n  corrupted: {Shown(Corrupted, row)}\n"
                        + "Choose a corruption of equal length, or name the spans that belong together in both: Prompt.Parse(\"{name:Lily} went\").");
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

    /// <summary>
    /// Which position of the source each position of the base takes its values from; null: the same one. By default null where a prompt and its
    /// corruption have equally many tokens, else <see cref="PositionMap.ByRole"/>.
    /// </summary>
    public PositionMap? Alignment { get; init; }

    /// <summary>Another run that values come from, of this model or another; null for the source of the direction. Clean and corrupted keep their meaning.</summary>
    public RunPlan? ValuesFrom { get; init; }

    /// <summary>The same contrast with values from another run: other prompts, edited ones, or another model's.</summary>
    /// <param name="values">As many prompts as the contrast has; another model must have activations of the same shape at the patched site.</param>
    /// <param name="alignment">Which of its positions belongs to which of the base's; null: the same one.</param>
    /// <exception cref="ArgumentException">There are fewer or more prompts, or, without an alignment, tokens.</exception>
    public Contrast From(RunPlan values, PositionMap? alignment = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Input.Batch != Base.Batch)
            throw new ArgumentException($"The values' run has {values.Input.Batch} prompts and the contrast {Base.Batch}: give one for each.", nameof(values));
        for (var row = 0; row < Base.Batch && alignment is null; row++)
            if (values.Input.Rows[row].Length != Base.Rows[row].Length)
                throw new ArgumentException(
                    $"Prompt {row} of the values' run has {values.Input.Rows[row].Length} tokens, the base's {Base.Rows[row].Length}: say which belong together, "
                    + "as with PositionMap.ByRole() or PositionMap.Of(p => ...).", nameof(values));
        return this with { ValuesFrom = values, Alignment = alignment };
    }

    /// <summary>The same contrast the other way round: clean run changed, values from the corrupted one.</summary>
    public Contrast Noising() => this with { Direction = Direction.Noising };

    /// <summary>How many prompts are compared, on which model, by which metric.</summary>
    public override string ToString() =>
        $"{Clean.Batch} pairs of prompts on {Model.Config.ModelName}, {Direction.ToString().ToLowerInvariant()}, by {Metric}{(ValuesFrom is null ? "" : $", values from {ValuesFrom}")}";

    /// <summary>The same contrast over some of its prompts, for passes that must not hold all.</summary>
    /// <exception cref="NotSupportedException">A run has edits, which may hold values for all prompts.</exception>
    internal Contrast Part(int start, int count)
    {
        if (start == 0 && count == Base.Batch)
            return this;
        CheckAligned("A pass over some prompts");
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

    internal double[] Measured(RunPlan plan, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var logits = (plan with { LogitPlaces = Metric.Positions }).Logits(cancellation);
        return Read(Metric is LogitDifferenceMetric ? logits : logits.to(Model.Dtype)); // a function of one's own may hold tensors of the model's type
    }

    /// <summary>The metric of each prompt from its logits.</summary>
    /// <param name="logits">[batch, place, d_vocab].</param>
    /// <exception cref="InvalidOperationException">It is not one finite number for each prompt.</exception>
    internal double[] Read(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var values = Metric.PerPrompt(logits);
        if (values.dim() != 1 || values.shape[0] != logits.shape[0])
            throw new InvalidOperationException($"The metric '{Metric.Name}' gives [{string.Join(", ", values.shape)}] for {logits.shape[0]} prompts: it must give one number for each, [batch].");
        var numbers = Numbers(values);
        var wrong = Array.FindIndex(numbers, v => !double.IsFinite(v));
        return wrong < 0 ? numbers : throw new InvalidOperationException(
            $"The metric '{Metric.Name}' is {numbers[wrong]} on prompt {wrong}: effects cannot be told from it. A probability is best read through its logarithm or a logit difference.");
    }

    /// <summary>The other run's values at whole sites, laid out as the base's are; the base's own where nothing belongs to a place.</summary>
    /// <param name="units">Whole sites.</param>
    /// <param name="own">The base's own values there.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>The values, which the caller disposes.</returns>
    internal ActivationCache SourceValues(IReadOnlyList<Unit> units, ActivationCache own, CancellationToken cancellation)
    {
        if (Alignment is not null || ValuesFrom is not null)
            return new ContrastSource(this).Read(units, own, cancellation).Values;
        var run = SourcePlan.Capture(units).WithoutLogits().Run(cancellation);
        run.Residual.Dispose(); // of the run only the activations are kept
        return run.Cache;
    }

    /// <summary>Refuses contrasts whose values are not those of the other run at the same positions.</summary>
    /// <param name="method">Who asks.</param>
    internal void CheckAligned(string method)
    {
        if (Alignment is not null || ValuesFrom is not null)
            throw new NotSupportedException($"{method} compares the two runs position by position: it takes no alignment by role and no values from another run. Patch does.");
    }

    /// <summary>Clean minus corrupted metric.</summary>
    /// <remarks>
    /// Where that is a small part of either, rounding would show in it: both runs are made again in twice the bits of the weights (float64 for
    /// float32). Plans with edits keep the difference as it is, as do models with components of one's own.
    /// </remarks>
    /// <param name="clean">Mean metric of the clean run.</param>
    /// <param name="corrupted">Mean metric of the corrupted run.</param>
    /// <exception cref="InvalidOperationException">They are to be run again, and the model is disposed or changed.</exception>
    internal double Difference(double clean, double corrupted)
    {
        if (!Cancels(clean, corrupted))
            return clean - corrupted;
        if (Model.IsDisposed)
            throw new InvalidOperationException(
                $"Clean ({clean:g6}) and corrupted ({corrupted:g6}) metric nearly cancel: to divide by their difference both are run again in more bits, and the model is disposed. Read Normalised while it lives, or use Effect.");
        double Again(RunPlan plan, double before)
        {
            var now = Measured(plan).Average();
            if (Math.Abs(now - before) > (Model.Dtype == ScalarType.Float32 ? 1e-5 : 0.05) * Math.Max(Math.Abs(clean), Math.Abs(corrupted)))
                throw new InvalidOperationException(
                    $"Clean ({clean:g6}) and corrupted ({corrupted:g6}) metric nearly cancel: to divide by their difference both are run again in more bits, and the run that gave {before:g6} gives {now:g6} now: the model's weights have changed. Read Normalised before, or use Effect.");
            return Measured(plan with { Wide = true }).Average();
        }
        return Again(CleanPlan, clean) - Again(CorruptedPlan, corrupted);
    }

    /// <summary>What normalised tables divide by, once it is asked for.</summary>
    internal Lazy<double> RangeOf(double clean, double corrupted, string otherwise) => Cancels(clean, corrupted)
        ? new(() => Range(clean, corrupted, otherwise, Difference(clean, corrupted)), LazyThreadSafetyMode.PublicationOnly)
        : WithoutRuns(clean, corrupted, otherwise);

    /// <summary>Clean minus corrupted metric, to divide by.</summary>
    /// <param name="clean">Mean metric of the clean run.</param>
    /// <param name="corrupted">Mean metric of the corrupted run.</param>
    /// <param name="otherwise">What to use where they hardly differ.</param>
    /// <param name="difference">Their <see cref="Difference"/>, if it is known better than from the two numbers.</param>
    /// <exception cref="InvalidOperationException">They are too close.</exception>
    internal static double Range(double clean, double corrupted, string otherwise, double? difference = null)
    {
        var range = difference ?? clean - corrupted;
        return Math.Abs(range) >= 1e-6 * Math.Max(1, Math.Max(Math.Abs(clean), Math.Abs(corrupted)))
            ? range
            : double.IsNaN(range)
            ? throw new InvalidOperationException($"There is only one run, so there is nothing to normalise by. Use {otherwise}.")
            : throw new InvalidOperationException($"Clean ({clean:g6}) and corrupted ({corrupted:g6}) metric hardly differ: nothing to normalise by. Use {otherwise}.");
    }

    /// <summary>The values of a tensor as doubles.</summary>
    internal static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }

    // Of its own, so that a result does not hold the model.
    private static Lazy<double> WithoutRuns(double clean, double corrupted, string otherwise) => new(() => Range(clean, corrupted, otherwise));

    private bool Cancels(double clean, double corrupted) => clean != corrupted && CleanPlan.IsPlain && CorruptedPlan.IsPlain
        && Math.Abs(clean - corrupted) < Cancelling * Math.Max(Math.Abs(clean), Math.Abs(corrupted)) && (Model.IsDisposed || Model.CanWiden);

    private string Shown(RunInput input, int row) => string.Join(" | ", input.Rows[row].Select(Model.TokenText));
}
