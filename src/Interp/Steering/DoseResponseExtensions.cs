namespace Interp;

using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Measures against the strength of steering, with random directions beside them.</summary>
public static class DoseResponseExtensions
{
    /// <summary>A metric against strength.</summary>
    /// <param name="plan">The prompts; edits of the plan are live.</param>
    /// <param name="vector">The direction.</param>
    /// <param name="metric">A number per prompt.</param>
    /// <param name="strengths">The strengths, in the order of the curve.</param>
    /// <param name="options">Where, how, how many controls; null adds where the direction was read, 20 controls.</param>
    /// <param name="progress">Receives the number of directions done.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <exception cref="ArgumentException">There is no strength, one is not finite or there twice, or the direction belongs to no activation and none is named.</exception>
    public static DoseResponse DoseResponse(
        this RunPlan plan, SteeringVector vector, Metric metric, IEnumerable<double> strengths, DoseResponseOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        Measured(vector, metric.Name, strengths, options, plan.Model, progress, edits => Metrics(plan, metric, edits, cancellation));

    /// <summary>
    /// The side effect of steering against strength: KL divergence of the steered model's next-token distributions from the plain model's,
    /// sum p_plain (log p_plain - log p_steered), mean over a text's real tokens, in nats.
    /// </summary>
    /// <param name="unrelated">Texts that the direction is not about; edits of the plan are live in both.</param>
    /// <param name="vector">The direction.</param>
    /// <param name="strengths">The strengths, in the order of the curve.</param>
    /// <param name="options">Where, how, how many controls.</param>
    /// <param name="progress">Receives the number of directions done.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <exception cref="ArgumentException">There is no strength, one is not finite or there twice, or the direction belongs to no activation and none is named.</exception>
    public static DoseResponse SideEffects(
        this RunPlan unrelated, SteeringVector vector, IEnumerable<double> strengths, DoseResponseOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        using var divergence = new TokenDivergence(unrelated, cancellation);
        return Measured(vector, "KL from plain (nats per token)", strengths, options, unrelated.Model, progress,
            edits => [.. edits.Select(edit => divergence.PerText(unrelated.Intervene(edit.Unit, edit.Intervention), cancellation))]);
    }

    /// <summary>What edits do to texts that they are not about.</summary>
    /// <param name="unrelated">The texts; edits of the plan are live in both.</param>
    /// <param name="steer">Adds the edits, such as <c>plan => plan.Add(vector, 4)</c>.</param>
    /// <param name="level">Of the bootstrap interval over texts.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    public static SideEffect SideEffect(
        this RunPlan unrelated, Func<RunPlan, RunPlan> steer, double level = 0.95, int seed = 0, CancellationToken cancellation = default)
    {
        using var divergence = new TokenDivergence(unrelated, cancellation);
        return divergence.Of(steer(unrelated), level, seed, cancellation);
    }

    private static DoseResponse Measured(
        SteeringVector vector, string quantity, IEnumerable<double> strengths, DoseResponseOptions? options, HookedTransformer model, IProgress<int>? progress,
        Func<IReadOnlyList<Edit>, double[][]> measure)
    {
        options ??= new DoseResponseOptions();
        double[] doses = [.. strengths];
        Check(doses, options);
        var (at, how) = (options.At ?? SteeringExtensions.PlaceOf(vector), options.How ?? Steer.Add);
        double[][] PerPrompt(SteeringVector v) => measure([.. doses.Select(dose => new Edit(at, how(v, dose)))]); // [strength][prompt]
        var own = PerPrompt(vector);
        progress?.Report(1);
        var controls = new double[options.Controls][];
        for (var i = 0; i < options.Controls; i++)
        {
            controls[i] = [.. PerPrompt(vector.Random(options.Seed + i)).Select(values => values.Average())];
            progress?.Report(i + 2);
        }
        var axis = new Axis("strength", doses.Select(d => d.ToString("R", CultureInfo.InvariantCulture)));
        var provenance = new Provenance { Model = model.Config.ModelName, Method = vector.Provenance.Method, Metric = quantity, Seed = options.Seed };
        LabelledArray Line(IEnumerable<double> values) => new([axis], [.. values], quantity, provenance);
        var own95 = own.Select(values => values.Length == 1
            ? new Interval(values[0], values[0], options.Level)
            : Bootstrap.Interval(values, sample => sample.Average(), level: options.Level, seed: options.Seed)).ToArray();
        var band = doses.Select((_, i) => Bootstrap.Percentile([.. controls.Select(c => c[i])], options.Level)).ToArray();
        return new DoseResponse
        {
            Curve = Line(own.Select(values => values.Average())), Low = Line(own95.Select(b => b.Low)), High = Line(own95.Select(b => b.High)),
            Controls = new LabelledArray([new Axis("control", options.Controls), axis], controls.SelectMany(c => c).ToArray(), quantity, provenance),
            Control = Line(doses.Select((_, i) => controls.Select(c => c[i]).DefaultIfEmpty(double.NaN).Average())),
            ControlLow = Line(band.Select(b => b.Low)), ControlHigh = Line(band.Select(b => b.High)), Level = options.Level,
        };
    }

    // All strengths share a batch: their rows part where steering begins.
    private static double[][] Metrics(RunPlan plan, Metric metric, IReadOnlyList<Edit> edits, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var steered = (plan with { Captures = [], VariantList = [] }).Variants(edits.Select((edit, i) => new Variant($"{i}", edit))).LogitsAt(metric.Positions);
        var (logits, prompts) = (steered.Logits(cancellation), plan.Input.Batch); // [strengths * prompts, place, d_vocab]
        return [.. edits.Select((_, i) => metric.PerPrompt(logits.narrow(0, (long)i * prompts, prompts)).Doubles())];
    }

    private static void Check(double[] doses, DoseResponseOptions options)
    {
        if (doses.Length == 0)
            throw new ArgumentException("There is no strength to measure at.", "strengths");
        if (doses.FirstOrDefault(d => !double.IsFinite(d), 0) is var wrong && !double.IsFinite(wrong))
            throw new ArgumentException($"A strength is {wrong}, wanted finite numbers.", "strengths");
        if (doses.Distinct().Count() < doses.Length)
            throw new ArgumentException("A strength is there twice.", "strengths");
        ArgumentOutOfRangeException.ThrowIfNegative(options.Controls);
        if (!(options.Level > 0 && options.Level < 1))
            throw new ArgumentException($"The level is {options.Level}: give one between 0 and 1, say 0.95.");
    }
}
