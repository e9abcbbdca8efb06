namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>The verbs that run.</content>
public sealed partial record RunPlan
{
    /// <summary>Runs the plan.</summary>
    /// <returns>Logits and captured activations; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The captures would exceed the byte budget.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two blocks; nothing is left behind.</exception>
    public Run Run(CancellationToken cancellation = default)
    {
        CheckBudget();
        var cache = new ActivationCache(Model, Input);
        try
        {
            var outcome = ForwardEngine.Run(Request(new CacheSink(cache, Storage), gradients: false, cancellation));
            return new Run(this, cache, Free(outcome.Logits), Free(outcome.Residual));
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <summary>The logits, [rows, pos, d_vocab]; the caller disposes them.</summary>
    public Tensor Logits(CancellationToken cancellation = default)
    {
        if (LogitPlaces is null)
            throw new InvalidOperationException("The plan asks for no logits (WithoutLogits or StopBefore).");
        return ForwardEngine.Run((this with { Captures = [] }).Request(null, gradients: false, cancellation)).Logits!;
    }

    /// <summary>Mean of -log p(next token) over all pairs of neighbouring real tokens, in nats.</summary>
    public double Loss(CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        return Losses.Mean(Whole().Logits(cancellation), Input).ToDouble();
    }

    /// <summary>-log p(next token) at each position, [batch, pos - 1], in nats; 0 where a neighbour is padding.</summary>
    public Tensor LossPerToken(CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        return Losses.PerToken(Whole().Logits(cancellation), Input).MoveToOuterDisposeScope();
    }

    /// <summary>The metric of each prompt (of each variant's prompts in turn), [rows].</summary>
    public Tensor Measure(Metric metric, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        return metric.PerPrompt((this with { LogitPlaces = metric.Positions }).Logits(cancellation)).MoveToOuterDisposeScope();
    }

    /// <summary>Gradients of the metric's mean over prompts with respect to activations, by one backward pass.</summary>
    /// <param name="metric">A number per prompt; its mean over the batch is differentiated.</param>
    /// <param name="units">The activations, whole sites.</param>
    /// <returns>Activations, gradients and the metric; the caller disposes it.</returns>
    public GradientRun Gradients(Metric metric, params IEnumerable<Unit> units) =>
        GradientRun.Make(this, metric, units);

    /// <summary>Gradients of the mean loss with respect to activations, by one backward pass.</summary>
    /// <param name="units">The activations, whole sites.</param>
    public GradientRun LossGradients(params IEnumerable<Unit> units) =>
        GradientRun.Make(Whole(), "loss", logits => Losses.Mean(logits, Input).unsqueeze(0), units);

    private static Tensor? Free(Tensor? tensor) => tensor?.DetachFromDisposeScope();

    private RunPlan Whole() => this with { LogitPlaces = Indices.All };

    internal void CheckBudget()
    {
        if (ByteBudget is not { } budget || Captures.IsEmpty)
            return;
        var bytes = CaptureBytes();
        if (bytes > budget && Storage.Folder is null)
            throw new InvalidOperationException(
                $"The captured activations would take {bytes:N0} bytes, the budget is {budget:N0}. Capture fewer sites or positions, keep them on disk (KeepOn(CaptureStorage.Disk(folder))), or stream what you need of them (Stream).");
    }
}
