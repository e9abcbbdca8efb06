namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Trains a sparse dictionary step by step, in place, on activations that the caller gives.</summary>
/// <remarks>
/// 1. Forward pass with gradients. 2. The recipe's losses. 3. Gradients along unit decoder rows are removed, all are clipped.
/// 4. Adam. 5. Decoder rows are brought back to length one. 6. Threshold and counters of silence are brought up to date.
/// The dictionary stays the caller's. Equal batches on the same machine give equal weights.
/// </remarks>
public sealed class DictionaryTrainer : IDisposable
{
    private readonly (string Name, Tensor Tensor)[] parameters;
    private readonly AdamW optimizer;
    private readonly FiringCounter counter;

    /// <summary>Prepares training.</summary>
    /// <param name="dictionary">What is trained, in float32 or float64.</param>
    /// <param name="options">Losses, rates, schedules.</param>
    /// <exception cref="ArgumentException">Options do not hold, or the dictionary has another data type.</exception>
    public DictionaryTrainer(SparseDictionary dictionary, DictionaryTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        if (dictionary.Dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"The dictionary is {dictionary.Dtype}: train in float32 (To(ScalarType.Float32)) and convert afterwards.", nameof(dictionary));
        (Dictionary, Options) = (dictionary, options.Validated(dictionary.Config));
        parameters = [.. dictionary.Weights.Named()];
        optimizer = new AdamW([.. parameters.Select(p => p.Tensor)], new TrainingOptions { WeightDecay = 0, Beta1 = options.Beta1, Beta2 = options.Beta2 });
        counter = new FiringCounter(dictionary.Width, dictionary.Device);
    }

    /// <summary>What is trained.</summary>
    public SparseDictionary Dictionary { get; }

    /// <summary>How.</summary>
    public DictionaryTrainingOptions Options { get; }

    /// <summary>Steps done so far.</summary>
    public int StepsDone { get; private set; }

    /// <summary>For how long each latent has been silent, in steps (SAELens) or rows (the others), [width] of int64; the trainer's own.</summary>
    public Tensor Silent => counter.Silent;

    /// <summary>Told of each pass and its gradients, before projection and after it.</summary>
    internal Action<TrainingPass, string, IReadOnlyList<Tensor?>>? Observer { get; set; }

    internal AdamW Optimizer => optimizer;

    /// <summary>One step.</summary>
    /// <param name="batch">Activations, [rows, d_in].</param>
    /// <param name="target">What a transcoder shall give back, [rows, d_out]; the batch itself where nothing is said.</param>
    /// <exception cref="ArgumentException">A shape is another one, or a transcoder has no target.</exception>
    /// <exception cref="ArithmeticException">The loss is not a finite number: activations were not, or the rate is too high.</exception>
    public DictionaryStep Step(Tensor batch, Tensor? target = null)
    {
        using var scope = NewDisposeScope();
        var config = Dictionary.Config;
        var shape = new Shape().Bind(batch, $"rows {config.DIn}", nameof(batch));
        if (target is null && config.DIn != config.DOut)
            throw new ArgumentException($"A dictionary from {config.DIn} to {config.DOut} needs a target.", nameof(target));
        shape.Bind(target ?? batch, $"rows {config.DOut}", nameof(target));
        if (StepsDone == 0 && Options.StartAtMedian)
            StartAtMedian(target ?? batch);
        SetTracking(true);
        try
        {
            return Minimise(batch, target ?? batch);
        }
        finally
        {
            SetTracking(false);
        }
    }

    /// <summary>Starts dead latents anew at rows of activations (Bricken et al. 2023).</summary>
    /// <remarks>
    /// Directions become the unit rows; encoder columns the rows times a fifth of the mean length of the living ones; biases and Adam's
    /// moments of these latents become zero. Choose rows with <see cref="DrawRows"/>.
    /// </remarks>
    /// <param name="dead">Which latents, [width] of bool.</param>
    /// <param name="rows">A row for each, [dead, d_in].</param>
    /// <exception cref="ArgumentException">There are not as many rows as dead latents, or the dictionary is a transcoder.</exception>
    public void Resample(Tensor dead, Tensor rows)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var places = dead.nonzero().squeeze(-1); // [dead]
        new Shape().Bind(rows, $"{places.shape[0]} {Dictionary.Config.DIn}", nameof(rows)).Bind(rows, $"{places.shape[0]} {Dictionary.Config.DOut}", nameof(rows));
        var weights = Dictionary.Weights;
        var living = weights.Encoder.norm(0).masked_select(dead.logical_not()).mean();
        weights.Encoder.index_copy_(1, places, (rows * (living * 0.2)).t());
        weights.Decoder.index_copy_(0, places, rows / rows.norm(-1, keepdim: true));
        weights.EncoderBias.index_fill_(0, places, 0);
        for (var i = 0; i < parameters.Length; i++)
            if (parameters[i].Name is "W_enc" or "b_enc" or "W_dec")
                foreach (var moment in new[] { optimizer.Means[i], optimizer.Squares[i] })
                    moment.index_fill_(parameters[i].Name == "W_enc" ? 1 : 0, places, 0);
    }

    /// <summary>Rows on which the dictionary errs, drawn without replacement with probabilities as the lengths of their errors.</summary>
    /// <param name="batch">[rows, d_in].</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Equal seeds draw equal rows.</param>
    /// <returns>[count, d_in]; the caller disposes it.</returns>
    public Tensor DrawRows(Tensor batch, int count, int seed)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator((ulong)seed, CPU);
        var drawn = ErrorLengths(batch).cpu().multinomial(count, false, generator);
        return batch.index_select(0, drawn.to(batch.device)).MoveToOuterDisposeScope();
    }

    /// <summary>Goes on after so many steps; everything else has been put in place already.</summary>
    internal void ContinueFrom(int steps) => (StepsDone, optimizer.Steps) = (steps, steps);

    internal Tensor ErrorLengths(Tensor batch) => (batch - Dictionary.Reconstruct(batch, training: true)).norm(-1);

    /// <summary>Frees moments and counters; the dictionary stays.</summary>
    public void Dispose()
    {
        optimizer.Dispose();
        counter.Dispose();
    }

    private DictionaryStep Minimise(Tensor batch, Tensor target)
    {
        var (pass, terms, gradients) = Gradients(batch, target);
        using var noGradient = no_grad();
        Observer?.Invoke(pass, "raw", gradients);
        Project(gradients);
        Observer?.Invoke(pass, "projected", gradients);
        var length = stack([.. gradients.OfType<Tensor>().Select(g => g.square().sum().to(ScalarType.Float64))], 0).sum().sqrt().ToDouble();
        if (Options.ClipNorm > 0 && Options.ClipNorm / (length + 1e-6) is < 1 and var factor)
            gradients = [.. gradients.Select(g => g is null ? null : g * factor)];
        var rate = Options.RateAt(StepsDone);
        optimizer.Step(gradients, rate);
        Renormalise();
        UpdateThreshold(pass.Latents.Acts.detach());
        if (Options.Recipe == DictionaryRecipe.SaeLens)
            counter.Add(pass.Fired(), 1);
        return Report(pass, terms, rate, length);
    }

    private (TrainingPass Pass, LossTerms Terms, Tensor?[] Gradients) Gradients(Tensor batch, Tensor target)
    {
        using var mode = enable_grad();
        var pass = new TrainingPass(Dictionary, CurrentActivation(), batch, target, Options, StepsDone) { DeadMask = DeadMask };
        _ = pass.Dead; // the counters are read, and by the others brought up to date, in every step
        var terms = Options.Recipe switch
        {
            DictionaryRecipe.SaeLens => SaeLensLoss.Of(pass),
            DictionaryRecipe.DictionaryLearning => DictionaryLearningLoss.Of(pass),
            _ => VarianceLoss.Of(pass),
        };
        var total = terms.Total;
        if (!double.IsFinite(total.ToDouble()))
            throw new ArithmeticException($"The loss is {total.ToDouble()} at step {StepsDone}: look for NaN in the activations, or lower the learning rate.");
        var gradients = autograd.grad([total], [.. parameters.Select(p => p.Tensor)], allow_unused: true);
        return (pass, terms, [.. gradients.Select(g => g is { IsInvalid: false } ? g : null)]);
    }

    private LatentActivation CurrentActivation()
    {
        if (Options.AnnealK <= 0 || StepsDone == 0 || Dictionary.Config.Activation is not TopKLatents top)
            return Dictionary.Config.Activation;
        var done = (double)Math.Min(StepsDone - 1, Options.AnnealK) / Options.AnnealK;
        return new TopKLatents((int)(Dictionary.Config.DIn * (1 - done) + top.K * done));
    }

    // SAELens reads the counters of earlier steps; the others count this batch first.
    private Tensor DeadMask(TrainingPass pass)
    {
        using var noGradient = no_grad();
        if (Options.Recipe == DictionaryRecipe.SaeLens)
            return counter.Silent > Options.DeadAfter;
        counter.Add(pass.Fired(), pass.Target.shape[0]);
        return counter.Silent >= Options.DeadAfter;
    }

    private void Project(Tensor?[] gradients)
    {
        var i = Array.FindIndex(parameters, p => p.Name == "W_dec");
        if (Options.Decoder == DecoderRule.Free || gradients[i] is not { } gradient)
            return;
        var decoder = parameters[i].Tensor.detach();
        var unit = decoder / (decoder.norm(-1, keepdim: true) + (Options.Decoder == DecoderRule.GuardedUnitNorm ? 1e-6 : 0));
        gradients[i] = gradient - (gradient * unit).sum(-1, keepdim: true) * unit;
    }

    private void Renormalise()
    {
        if (Options.Decoder == DecoderRule.Free)
            return;
        var guard = Options.Decoder == DecoderRule.UnitNorm ? 0 : Dictionary.Dtype == ScalarType.Float64 ? Math.BitIncrement(1.0) - 1 : MathF.BitIncrement(1) - 1;
        var decoder = Dictionary.Weights.Decoder;
        decoder.div_(decoder.norm(-1, keepdim: true) + guard);
    }

    private void UpdateThreshold(Tensor acts)
    {
        var fromStart = Options.Recipe == DictionaryRecipe.SaeLens;
        var batch = Dictionary.Config.Activation is BatchTopKLatents;
        var rows = Dictionary.Config.Activation is TopKLatents && Options.Recipe == DictionaryRecipe.DictionaryLearning;
        if ((!batch && !rows) || (!fromStart && StepsDone <= Options.ThresholdStart))
            return;
        var positive = acts.masked_fill(acts <= 0, double.PositiveInfinity);
        var smallest = (batch ? positive.min() : positive.amin(-1).mean()).ToDouble();
        if (double.IsInfinity(smallest))
            return;
        var earlier = Dictionary.BatchThreshold ?? (fromStart ? 0 : null);
        var threshold = earlier is { } old ? Options.ThresholdDecay * old + (1 - Options.ThresholdDecay) * smallest : smallest;
        Dictionary.BatchThreshold = fromStart ? threshold : (float)threshold;
    }

    private void StartAtMedian(Tensor target)
    {
        using var noGradient = no_grad();
        Dictionary.Weights.DecoderBias.copy_(GeometricMedian.Of(target));
    }

    private void SetTracking(bool on)
    {
        foreach (var (_, tensor) in parameters)
            tensor.requires_grad_(on);
    }

    private DictionaryStep Report(TrainingPass pass, LossTerms terms, double rate, double length)
    {
        var parts = terms.Parts.ToDictionary(p => p.Name, p => p.Value.ToDouble());
        var rows = pass.Target.shape[0];
        var unexplained = ((pass.Output - pass.Target).square().sum() / (pass.Target - pass.Target.mean([0L], keepdim: true)).square().sum()).ToDouble();
        return new DictionaryStep(
            StepsDone++, parts.Values.Sum(), parts, pass.Latents.Acts.count_nonzero().ToInt64() / (double)rows, unexplained, pass.DeadCount, rate, length);
    }
}
