namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Activations and the gradient of a metric with respect to each. It owns them; dispose it when done.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class GradientRun : IDisposable
{
    private GradientRun(ActivationCache activations, ActivationCache gradients, Tensor metric) => (Activations, Gradients, Metric) = (activations, gradients, metric);

    /// <summary>The activations.</summary>
    public ActivationCache Activations { get; }

    /// <summary>The gradients, each of its activation's shape; zeros where the metric does not depend on it.</summary>
    public ActivationCache Gradients { get; }

    /// <summary>The metric of each prompt, [rows].</summary>
    public Tensor Metric { get; }

    /// <summary>The gradient at one activation.</summary>
    public Tensor this[Unit unit] => Gradients[unit];

    /// <summary>Refuses a metric that gradients say nothing about.</summary>
    /// <exception cref="InvalidOperationException">The metric is not finite, or its gradient is zero at every asked activation.</exception>
    internal void CheckDifferentiable(Metric metric)
    {
        using var scope = NewDisposeScope();
        if (Metric.Doubles() is var values && Array.FindIndex(values, v => !double.IsFinite(v)) is var bad and >= 0)
            throw new InvalidOperationException($"The metric '{metric.Name}' is {values[bad]} on prompt {bad}: a gradient of it means nothing. Look at that prompt's logits, or take another metric.");
        if (Gradients.All(g => g.Value.count_nonzero().ToInt64() == 0))
            throw new InvalidOperationException(
                $"The gradient of '{metric.Name}' is zero at every asked activation: the metric does not depend on them, or is flat there. Read it off the logits by differentiable operations, at positions that the activations reach.");
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        Activations.Dispose();
        Gradients.Dispose();
        Metric.Dispose();
    }

    /// <summary>How many gradients there are.</summary>
    public override string ToString() => $"{Gradients.Count} gradients{(Activations.Count > 0 ? $", {Activations.Count} activations" : "")}";

    /// <summary>One forward pass that keeps the graph, one backward pass for all sites; no logits where the metric does without.</summary>
    /// <param name="plan">What runs.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="units">What gradients are wanted of.</param>
    /// <param name="kept">Activations that are wanted without their gradients.</param>
    internal static GradientRun Make(RunPlan plan, Metric metric, IEnumerable<Unit> units, IReadOnlyList<Unit>? kept = null) =>
        Make(plan with { LogitPlaces = metric.Positions }, metric.Name, metric.PerPrompt, units, kept, metric);

    /// <summary>One forward pass that keeps the graph, one backward pass for all sites.</summary>
    /// <param name="plan">What runs.</param>
    /// <param name="name">The metric's name.</param>
    /// <param name="perPrompt">The metric.</param>
    /// <param name="units">What gradients are wanted of.</param>
    /// <param name="kept">Activations that are wanted without their gradients.</param>
    /// <param name="readout">The same as a metric, where it may be read without logits.</param>
    internal static GradientRun Make(
        RunPlan plan, string name, Func<Tensor, Tensor> perPrompt, IEnumerable<Unit> units, IReadOnlyList<Unit>? kept = null, Metric? readout = null)
    {
        Unit[] wanted = [.. units];
        Unit[] sites = [.. wanted, .. kept ?? []];
        if (sites.FirstOrDefault(u => !u.IsWhole) is { } part)
            throw new ArgumentException($"Gradients are taken with respect to whole activations; {part} is a part. Ask for {part.Site} and index the result.", nameof(units));
        ActivationCache activations = new(plan.Model, plan.Input), gradients = new(plan.Model, plan.Input), live = new(plan.Model, plan.Input);
        Tensor? value = null;
        try
        {
            using var scope = NewDisposeScope();
            var request = (plan with { Captures = [.. sites] }).Request(new CacheSink(live, CaptureStorage.Device), gradients: true, default) with { Readout = readout };
            using var mode = enable_grad();
            var outcome = ForwardEngine.Run(request);
            var metric = outcome.Metric ?? perPrompt(outcome.Logits!);
            if (metric.dim() != 1)
                throw new ArgumentException($"The metric '{name}' has shape [{string.Join(", ", metric.shape)}], wanted [rows]: one number per prompt.");
            value = metric.detach().DetachFromDisposeScope();
            HashSet<HookName> names = [.. wanted.SelectMany(u => HookBinding.Names(plan.Model, u))];
            Collect(metric.mean(), live, names, activations, gradients);
            return new GradientRun(activations, gradients, value);
        }
        catch
        {
            activations.Dispose();
            gradients.Dispose();
            value?.Dispose();
            throw;
        }
        finally
        {
            live.Dispose();
        }
    }

    private static void Collect(Tensor metric, ActivationCache live, HashSet<HookName> wanted, ActivationCache activations, ActivationCache gradients)
    {
        foreach (var name in live.Names.Where(n => !wanted.Contains(n)))
            activations.Put(name, name, new MemoryActivation(live[name].detach().DetachFromDisposeScope()));
        var names = live.Names.Where(wanted.Contains).ToArray();
        var inputs = names.Select(n => live[n]).ToList();
        var results = metric.requires_grad ? autograd.grad([metric], inputs, allow_unused: true) : [];
        for (var i = 0; i < names.Length; i++)
        {
            Unit unit = names[i];
            var gradient = i < results.Count && results[i] is { IsInvalid: false } found ? found : zeros_like(inputs[i]);
            gradients.Put(names[i], unit, new MemoryActivation(gradient.detach().DetachFromDisposeScope()));
            activations.Put(names[i], unit, new MemoryActivation(inputs[i].detach().DetachFromDisposeScope()));
        }
    }
}
