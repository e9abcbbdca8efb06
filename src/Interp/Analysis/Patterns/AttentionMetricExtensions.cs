namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Numbers of each head's attention pattern, [layer, head]: means over the real queries of all prompts.</summary>
/// <remarks>They read a cache with <c>Pattern</c> of some layers. What they mean place by place is in <see cref="AttentionMaps"/>.</remarks>
public static partial class AttentionMetricExtensions
{
    /// <summary>Entropy of attention, in nats.</summary>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray AttentionEntropy(this ActivationCache cache) => Mean(cache, "attention entropy (nats)", AttentionMaps.Entropy);

    /// <summary>Concentration of attention, sum a^2: 1 on a single key, 1 / n spread evenly over n.</summary>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray AttentionConcentration(this ActivationCache cache) => Mean(cache, "attention concentration", AttentionMaps.Concentration);

    /// <summary>Mean distance between a query and what it attends to, in tokens.</summary>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray AttentionDistance(this ActivationCache cache) => Mean(cache, "attention distance (tokens)", AttentionMaps.Distance);

    /// <summary>Share of attention that goes to the first token, by the queries behind it (attention sinks, Xiao et al. 2023).</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray SinkShare(this ActivationCache cache) => HeadScoreExtensions.Scored(cache, "share of attention to the first token", pattern =>
    {
        var real = PatternWeights.Real(cache, pattern);
        var first = PatternWeights.First(real); // [batch]
        var index = first.view(-1, 1, 1, 1).expand(-1, pattern.shape[1], pattern.shape[2], 1);
        var sink = pattern.gather(3, index).squeeze(3); // [batch, head, query]
        var behind = arange(pattern.shape[2], device: pattern.device).gt(first.unsqueeze(1)).to(real.dtype);
        return PatternWeights.Mean(sink, real * behind);
    });

    /// <summary>Share of attention that goes to each of several spans, [layer, head, span].</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers, and the prompts.</param>
    /// <param name="spans">Names and places, such as <c>("name", Position.Role("name"))</c> or <c>("first", 0)</c>.</param>
    /// <param name="queries">Whose attention; all real tokens by default.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured, or the prompts have no such role.</exception>
    /// <exception cref="InvalidOperationException">The cache does not hold the prompts.</exception>
    /// <exception cref="ArgumentException">There is no span.</exception>
    public static LabelledArray SpanShares(this ActivationCache cache, IReadOnlyList<(string Name, Indices Places)> spans, Indices queries = default)
    {
        ArgumentNullException.ThrowIfNull(spans);
        if (spans.Count == 0)
            throw new ArgumentException("There is no span: give names with their places.", nameof(spans));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var input = cache.Input ?? throw new InvalidOperationException("This cache does not hold the prompts: take spans of a run's own cache.");
        var names = HeadScoreExtensions.PatternNames(cache);
        List<Tensor> layers = [];
        foreach (var name in names)
        {
            var pattern = HeadScoreExtensions.Shaped(cache[name]);
            var copies = pattern.shape[0] / input.Batch;
            var weights = PatternWeights.Real(cache, pattern) * Chosen(input, queries, pattern, copies);
            var inside = stack([.. spans.Select(s => Chosen(input, s.Places, pattern, copies))], 0); // [span, batch, key]
            layers.Add(einsum("bhqk,bq,sbk->hs", pattern, weights, inside) / weights.sum());
        }
        var shares = stack(layers, 0); // [layer, head, span]
        return new LabelledArray(
            [HeadScoreExtensions.Layers(names), new Axis("head", (int)shares.shape[1]), new Axis("span", spans.Select(s => s.Name))],
            shares.Doubles(), "share of attention", new Provenance { Model = cache.Model.Config.ModelName, Method = "attention pattern" });
    }

    private static LabelledArray Mean(ActivationCache cache, string quantity, Func<Tensor, Tensor> metric) =>
        HeadScoreExtensions.Scored(cache, quantity, pattern => PatternWeights.Mean(metric(pattern), PatternWeights.Real(cache, pattern)));

    // 1 at chosen places, [batch, pos].
    private static Tensor Chosen(RunInput input, Indices places, Tensor like, long copies)
    {
        var marks = new double[input.Batch * input.Length];
        var columns = input.Columns(places);
        for (var row = 0; row < input.Batch; row++)
            foreach (var column in columns[row])
                marks[row * input.Length + column] = 1;
        return tensor(marks, [input.Batch, input.Length], device: like.device).repeat(copies, 1).to(like.dtype);
    }
}
