namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Activations and the gradient of a metric with respect to each. It owns them; dispose it when done.</summary>
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

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        Activations.Dispose();
        Gradients.Dispose();
        Metric.Dispose();
    }

    /// <summary>One forward pass that keeps the graph, one backward pass for all sites.</summary>
    internal static GradientRun Make(RunPlan plan, string name, Func<Tensor, Tensor> perPrompt, IEnumerable<Unit> units)
    {
        var sites = units.ToArray();
        if (sites.FirstOrDefault(u => !u.IsWhole) is { } part)
            throw new ArgumentException($"Gradients are taken with respect to whole activations; {part} is a part. Ask for {part.Site} and index the result.", nameof(units));
        ActivationCache activations = new(plan.Model, plan.Input), gradients = new(plan.Model, plan.Input), live = new(plan.Model, plan.Input);
        Tensor? kept = null;
        try
        {
            using var scope = NewDisposeScope();
            var request = (plan with { Captures = [.. sites] }).Request(new CacheSink(live, CaptureStorage.Device), gradients: true, default);
            using var mode = enable_grad();
            var metric = perPrompt(ForwardEngine.Run(request).Logits!);
            if (metric.dim() != 1)
                throw new ArgumentException($"The metric '{name}' has shape [{string.Join(", ", metric.shape)}], wanted [rows]: one number per prompt.");
            kept = metric.detach().DetachFromDisposeScope();
            Collect(metric.mean(), live, activations, gradients);
            return new GradientRun(activations, gradients, kept);
        }
        catch
        {
            activations.Dispose();
            gradients.Dispose();
            kept?.Dispose();
            throw;
        }
        finally
        {
            live.Dispose();
        }
    }

    private static void Collect(Tensor metric, ActivationCache live, ActivationCache activations, ActivationCache gradients)
    {
        var names = live.Names.ToArray();
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
