namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Direct paths through a norm whose scale stays the base run's.</summary>
internal sealed class LinearPaths(Contrast contrast, CircuitGraph graph, HeadInput input, bool whole, EdgeOptions options, CancellationToken cancellation)
{
    private readonly int prompts = contrast.Base.Batch;

    private HookedTransformer Model => contrast.Model;

    private int Receivers => input == HeadInput.Query ? graph.Config.Heads : graph.Config.KvHeads;

    /// <summary>Mean metrics, [source layer, source head, layer, receiver].</summary>
    public double[] Run()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var differences = new SourceDifferences(contrast, cancellation);
        using var own = contrast.BasePlan.Capture(Sites.ResidPre).WithoutLogits().Run(cancellation);
        var (layers, heads) = (graph.Config.Layers, graph.Config.Heads);
        var result = Enumerable.Repeat(contrast.Measured(contrast.BasePlan).Average(), layers * heads * layers * Receivers).ToArray();
        for (var sender = 0; sender + 1 < layers; sender++)
        {
            using var inner = NewDisposeScope();
            var written = differences.At(sender).narrow(0, 0, heads); // [head, batch, pos, d_model]
            for (var layer = sender + 1; layer < layers; layer++)
            {
                var means = ToLayer(written, layer, own[Sites.ResidPre[layer]]); // by sender's head and receiver
                for (var head = 0; head < heads; head++)
                    Array.Copy(means, head * Receivers, result, ((sender * heads + head) * layers + layer) * Receivers, Receivers);
            }
        }
        return result;
    }

    private double[] ToLayer(Tensor written, int layer, Tensor stream)
    {
        using var scope = NewDisposeScope();
        var normed = Model.Blocks[layer].Norm1 is Norm norm ? whole ? norm.ApplyScale(written, norm.ScaleOf(stream), gain: true) : written / norm.ScaleOf(stream) : written;
        var (site, weights) = input switch { HeadInput.Query => (Sites.Q, Model.WQ(layer)), HeadInput.Key => (Sites.K, Model.WK(layer)), _ => (Sites.V, Model.WV(layer)) };
        List<(int Sender, int Receiver)> pairs = [.. from s in Enumerable.Range(0, (int)written.shape[0]) from r in Enumerable.Range(0, Receivers) select (s, r)];
        List<double> means = [];
        foreach (var chunk in pairs.Chunk(ExactEdges.PerPass(contrast, options)))
        {
            using var inner = NewDisposeScope();
            cancellation.ThrowIfCancellationRequested();
            var variants = chunk.Select(p => new Variant($"{p}", new Edit(site[layer].Head(p.Receiver), Interventions.Add(normed[p.Sender].matmul(weights[p.Receiver])))));
            var logits = contrast.BasePlan.Variants(variants).LogitsAt(contrast.Metric.Positions).Logits(cancellation);
            means.AddRange(chunk.Select((_, i) => contrast.Metric.PerPrompt(logits.narrow(0, (long)i * prompts, prompts)).Doubles().Average()));
        }
        return [.. means];
    }
}
