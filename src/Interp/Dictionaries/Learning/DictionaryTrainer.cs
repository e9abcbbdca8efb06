namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Trains a sparse dictionary step by step, in place, on activations that the caller gives.</summary>
/// <remarks>
/// 1. Forward pass with gradients. 2. The recipe's losses. 3. Gradients along unit decoder rows are removed, all are clipped.
/// 4. Adam. 5. Decoder rows are brought back to length one. 6. Threshold and counters of silence are brought up to date.
/// A large batch is taken in parts, whose gradients add up. On the CPU, in float32, TopK and BatchTopK dictionaries multiply only chosen latents (<see cref="DictionaryTrainingOptions.ChosenOnly"/>).
/// The dictionary stays the caller's. Equal batches on the same machine give equal weights.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class DictionaryTrainer : IDisposable
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
            throw new ArgumentException($"The dictionary is {dictionary.Dtype}: train in float32 (To(ScalarType.Float32)), with Products for narrower products, and convert afterwards.", nameof(dictionary));
        (Dictionary, Options) = (dictionary, options.Validated(dictionary.Config));
        dictionary.Config = dictionary.Config with { Nesting = options.Nesting };
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

    /// <summary>What batches and targets are multiplied by before anything is done with them; the dictionary is one of scaled activations.</summary>
    /// <remarks><see cref="SparseDictionary.FoldInputScale"/> makes it one of raw activations.</remarks>
    public double InputScale { get; set; } = 1;

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
        CheckFinite(batch, "activations");
        if (target is not null)
            CheckFinite(target, "targets");
        if (InputScale != 1)
            (batch, target) = (batch * InputScale, target is null ? null : target * InputScale);
        if (StepsDone == 0 && Options.StartAtMedian)
            StartAtMedian(target ?? batch);
        var done = FitsSparse(batch) ? MinimiseChosen(batch, target ?? batch) : MinimiseTracked(batch, target ?? batch);
        Steer(done);
        ResampleAtTimes(batch);
        return done;
    }

    /// <summary>Goes on after so many steps; everything else has been put in place already.</summary>
    internal void ContinueFrom(int steps) => (StepsDone, optimizer.Steps) = (steps, steps);

    /// <summary>Frees moments and counters; the dictionary stays.</summary>
    public void Dispose()
    {
        optimizer.Dispose();
        counter.Dispose();
    }

    /// <summary>What is trained, and how far it is.</summary>
    public override string ToString() => $"{Dictionary}, {StepsDone} of {Options.Steps} steps by {Options.Recipe}";

    private DictionaryStep MinimiseTracked(Tensor batch, Tensor target)
    {
        SetTracking(true);
        try
        {
            return FitsParts(batch) ? MinimiseInParts(batch, target) : Minimise(batch, target);
        }
        finally
        {
            SetTracking(false);
        }
    }

    private DictionaryStep Minimise(Tensor batch, Tensor target)
    {
        var (pass, terms, gradients) = Gradients(batch, target);
        using var noGradient = no_grad();
        Observer?.Invoke(pass, "raw", gradients);
        Project(gradients);
        Observer?.Invoke(pass, "projected", gradients);
        var (rate, length) = Follow(gradients);
        UpdateThreshold(batchRule => Smallest(pass.Latents.Acts.detach(), batchRule));
        if (Options.Recipe == DictionaryRecipe.SaeLens)
            counter.Add(pass.Fired(), 1);
        return Report(pass, terms, rate, length);
    }

    // Clips gradients, in place, and moves the weights.
    private (double Rate, double Length) Follow(Tensor?[] gradients)
    {
        var given = gradients.OfType<Tensor>().ToArray();
        var length = Length(given);
        if (ClipFactor(length) is < 1 and var factor)
            foreach (var gradient in given)
                gradient.mul_(factor);
        var rate = Options.RateAt(StepsDone);
        optimizer.Step(gradients, rate);
        Renormalise();
        return (rate, length);
    }

    private static double Length(Tensor[] gradients)
    {
        using var scope = NewDisposeScope();
        List<Tensor> squares = [];
        foreach (var gradient in gradients)
            RowBlocks.Each([gradient], parts => squares.Add(parts[0].square().sum().to(ScalarType.Float64).MoveToOuterDisposeScope()));
        return stack([.. squares], 0).sum().sqrt().ToDouble();
    }

    private (TrainingPass Pass, LossTerms Terms, Tensor?[] Gradients) Gradients(Tensor batch, Tensor target)
    {
        using var mode = enable_grad();
        var pass = new TrainingPass(Dictionary, CurrentActivation(), batch, target, Options, StepsDone) { DeadMask = DeadMask, SparsityFactor = SparsityFactor };
        _ = pass.Dead; // the counters are read, and by the others brought up to date, in every step
        var terms = Losses(pass);
        var gradients = autograd.grad([Checked(terms.Total)], [.. parameters.Select(p => p.Tensor)], allow_unused: true);
        return (pass, terms, [.. gradients.Select(g => g is { IsInvalid: false } ? Own(g) : null)]);
    }

    // What is written to: a view of something else, or one value for many places, would not do.
    private static Tensor Own(Tensor gradient) => gradient.dim() > 1 && gradient.is_contiguous() ? gradient : gradient.clone();

    private LossTerms Losses(TrainingPass pass) => Options.Recipe switch
    {
        DictionaryRecipe.SaeLens => SaeLensLoss.Of(pass),
        DictionaryRecipe.DictionaryLearning => DictionaryLearningLoss.Of(pass),
        _ => VarianceLoss.Of(pass),
    };

    private Tensor Checked(Tensor loss) => double.IsFinite(loss.ToDouble()) ? loss : throw NotFinite(loss.ToDouble());

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
        return Dead(pass.Fired(), pass.Target.shape[0]);
    }

    private Tensor Dead(Tensor fired, long rows)
    {
        if (Options.Recipe == DictionaryRecipe.SaeLens)
            return counter.Silent > Options.DeadAfter;
        counter.Add(fired, rows);
        return counter.Silent >= Options.DeadAfter;
    }

    private void Project(Tensor?[] gradients)
    {
        var i = Array.FindIndex(parameters, p => p.Name == "W_dec");
        if (Options.Decoder == DecoderRule.Free || gradients[i] is not { } gradient)
            return;
        var guard = Options.Decoder == DecoderRule.GuardedUnitNorm ? 1e-6 : 0;
        RowBlocks.Each([parameters[i].Tensor.detach(), gradient], parts =>
        {
            var (decoder, slope) = (parts[0], parts[1]);
            var unit = decoder / (decoder.norm(-1, keepdim: true) + guard);
            slope.sub_((slope * unit).sum(-1, keepdim: true) * unit);
        });
    }

    private void Renormalise()
    {
        if (Options.Decoder == DecoderRule.Free)
            return;
        var decoder = Dictionary.Weights.Decoder;
        decoder.div_(decoder.norm(-1, keepdim: true) + NormGuard);
    }

    // What is added to a row's length before it is divided by it.
    private double NormGuard => Options.Decoder != DecoderRule.GuardedUnitNorm ? 0
        : Dictionary.Dtype == ScalarType.Float64 ? Math.BitIncrement(1.0) - 1 : MathF.BitIncrement(1) - 1;

    private double ClipFactor(double length) => Options.ClipNorm > 0 ? Math.Min(Options.ClipNorm / (length + 1e-6), 1) : 1;

    // Told whether the smallest of the whole batch is wanted, or the mean of each row's smallest.
    private void UpdateThreshold(Func<bool, double> smallestActive)
    {
        var fromStart = Options.Recipe == DictionaryRecipe.SaeLens;
        var batch = Dictionary.Config.Activation is BatchTopKLatents;
        var rows = Dictionary.Config.Activation is TopKLatents && Options.Recipe == DictionaryRecipe.DictionaryLearning;
        if ((!batch && !rows) || (!fromStart && StepsDone <= Options.ThresholdStart))
            return;
        var smallest = smallestActive(batch);
        if (double.IsInfinity(smallest))
            return;
        var earlier = Dictionary.BatchThreshold ?? (fromStart ? 0 : null);
        var threshold = earlier is { } old ? Options.ThresholdDecay * old + (1 - Options.ThresholdDecay) * smallest : smallest;
        Dictionary.BatchThreshold = fromStart ? threshold : (float)threshold;
    }

    private static double Smallest(Tensor acts, bool batch)
    {
        var positive = acts.masked_fill(acts <= 0, double.PositiveInfinity);
        return (batch ? positive.min() : positive.amin(-1).mean()).ToDouble();
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
        var unexplained = ((pass.Output - pass.Target).square().sum() / (pass.Target - pass.Target.mean([0L], keepdim: true)).square().sum()).ToDouble();
        return Report(parts, pass.Latents.Acts.count_nonzero().ToInt64() / (double)pass.Target.shape[0], unexplained, pass.DeadCount, rate, length);
    }

    private DictionaryStep Report(Dictionary<string, double> parts, double l0, double unexplained, int dead, double rate, double length) =>
        new(StepsDone++, parts.Values.Sum(), parts, l0, unexplained, dead, rate, length)
        {
            DeadShare = dead / (double)Dictionary.Width, Sparsity = Options.Sparsity * Options.SparsityAt(StepsDone - 1) * SparsityFactor,
        };
}
