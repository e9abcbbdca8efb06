namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>The runs of path patching: a layer's heads as senders share one batch, receivers another.</summary>
internal sealed class PathRuns : IDisposable
{
    private readonly Contrast contrast;
    private readonly PathFreeze freeze;
    private readonly Run own;
    private readonly Run source;

    public PathRuns(Contrast contrast, PathFreeze freeze)
    {
        contrast.CheckAligned("A circuit");
        (this.contrast, this.freeze) = (contrast, freeze);
        own = contrast.BasePlan.Capture(Config.AttentionOnly ? [Sites.Z] : [Sites.Z, Sites.MlpOut]).WithoutLogits().Run();
        source = contrast.SourcePlan.Capture(Sites.Z).WithoutLogits().Run();
    }

    public TransformerConfig Config => contrast.Model.Config;

    private int Prompts => contrast.Base.Batch;

    public Provenance Provenance(string method) => new() { Model = Config.ModelName, Method = method, Metric = contrast.Metric.Name };

    /// <summary>Mean metric with each head of a layer as the sender, [head].</summary>
    public double[] ToLogits(int layer, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        return Means(Sent(layer).LogitsAt(contrast.Metric.Positions).Logits(cancellation), Config.Heads);
    }

    /// <summary>Mean metric for each sender of a layer and each later receiver, [head, later layer, receiver].</summary>
    public double[] ToHeads(int layer, HeadInput input, int receivers, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var site = input switch { HeadInput.Query => Sites.Q, HeadInput.Key => Sites.K, _ => Sites.V };
        using var sent = Sent(layer).Capture(site[(layer + 1)..]).WithoutLogits().Run(cancellation);
        List<double> means = [];
        for (var head = 0; head < Config.Heads; head++)
        {
            List<Variant> variants = [];
            for (var later = layer + 1; later < Config.Layers; later++)
            {
                var read = sent[site[later]].narrow(0, (long)head * Prompts, Prompts); // [batch, pos, receiver, d_head]
                for (var receiver = 0; receiver < receivers; receiver++)
                    variants.Add(new Variant($"{later}.{receiver}", new Edit(site[later].Head(receiver), Interventions.Replace(read.select(2, receiver)))));
            }
            var logits = contrast.BasePlan.Variants(variants).LogitsAt(contrast.Metric.Positions).Logits(cancellation);
            means.AddRange(Means(logits, variants.Count));
        }
        return [.. means];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        own.Dispose();
        source.Dispose();
    }

    // The base with what is frozen; one variant for each head of the layer, which sends the source run's value.
    private RunPlan Sent(int layer)
    {
        var plan = contrast.BasePlan;
        for (var at = 0; at < Config.Layers && freeze != PathFreeze.Nothing; at++)
        {
            plan = Frozen(plan, Sites.Z[at]);
            if (freeze == PathFreeze.HeadsAndMlps && !Config.AttentionOnly)
                plan = Frozen(plan, Sites.MlpOut[at]);
        }
        var theirs = source[Sites.Z[layer]]; // [batch, pos, head, d_head]
        return plan.Variants(Enumerable.Range(0, Config.Heads).Select(head =>
            new Variant($"{layer}.{head}", new Edit(Sites.Z[layer].Head(head), Interventions.Replace(theirs.select(2, head))))));
    }

    private RunPlan Frozen(RunPlan plan, Unit unit) => plan.Replace(unit, own[unit]);

    private double[] Means(Tensor logits, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Contrast.Numbers(contrast.Metric.PerPrompt(logits.narrow(0, (long)i * Prompts, Prompts))).Average())];
}
