namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Numbers of each place, maps averaged over heads, and rollout.</content>
public static partial class AttentionMetricExtensions
{
    /// <summary>Windowed average attention distance of each query, sum a min(query - key, window), [layer, head, prompt, pos]; NaN at padding.</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="window">Distances above it count as it.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray WindowedAttentionDistance(this ActivationCache cache, int window) =>
        Placed(cache, $"attention distance, at most {window} (tokens)", (pattern, _) => AttentionMaps.WindowedDistance(pattern, window));

    /// <summary>
    /// Future attention influence of each token, mean attention of the queries between two distances behind it, [layer, head, prompt, pos]; NaN
    /// at padding and where there is no such query.
    /// </summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="nearest">The nearest query that counts, in tokens behind the key.</param>
    /// <param name="farthest">The farthest.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The distances are negative or in the wrong order.</exception>
    public static LabelledArray FutureAttentionInfluence(this ActivationCache cache, int nearest, int farthest) =>
        Placed(cache, $"attention from {nearest}-{farthest} tokens behind", (pattern, real) =>
            AttentionMaps.FutureInfluence(pattern, nearest, farthest, real.unsqueeze(1).unsqueeze(-1)));

    /// <summary>The heads that look nearest and farthest, by mean distance: the local and the global set.</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="share">Which share of the heads each set holds, at most one half.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is not above 0 and at most one half.</exception>
    public static (IReadOnlyList<(int Layer, int Head)> Local, IReadOnlyList<(int Layer, int Head)> Global) HeadsByDistance(
        this ActivationCache cache, double share = 0.3)
    {
        if (!(share > 0 && share <= 0.5))
            throw new ArgumentOutOfRangeException(nameof(share), $"The share of heads is {share}, wanted above 0 and at most 0.5.");
        var distances = cache.AttentionDistance();
        var ranked = distances.Top(distances.Count, byMagnitude: false).Reverse()
            .Select(v => (int.Parse(v.Labels[0], System.Globalization.CultureInfo.InvariantCulture), v.Indices[1])).ToArray();
        var count = Math.Max(1, (int)Math.Round(share * ranked.Length));
        return (ranked[..count], ranked[^count..]);
    }

    /// <summary>The mean pattern of some heads.</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of the heads' layers.</param>
    /// <param name="heads">The heads.</param>
    /// <returns>[batch, query, key], which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">A pattern was not captured.</exception>
    /// <exception cref="ArgumentException">There is no head.</exception>
    public static Tensor MeanPattern(this ActivationCache cache, IReadOnlyCollection<(int Layer, int Head)> heads)
    {
        ArgumentNullException.ThrowIfNull(heads);
        if (heads.Count == 0)
            throw new ArgumentException("There is no head to average over: give at least one.", nameof(heads));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Tensor Of((int Layer, int Head) at) =>
            HeadScoreExtensions.Shaped(cache[new HookName(Sites.Pattern, at.Layer)]).select(1, at.Head); // [batch, query, key]
        return stack([.. heads.Select(Of)], 0).mean([0]).MoveToOuterDisposeScope();
    }

    /// <summary>Attention rollout of one prompt: how much of each layer's token comes from each input token, [layer, query, key].</summary>
    /// <remarks>Abnar and Zuidema 2020; heads are averaged, and half of each token passes a layer by. Rows of real tokens sum to 1.</remarks>
    /// <param name="cache">A cache with <c>Pattern</c> of every layer.</param>
    /// <param name="prompt">Which prompt.</param>
    /// <exception cref="KeyNotFoundException">A pattern was not captured.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such prompt.</exception>
    public static LabelledArray AttentionRollout(this ActivationCache cache, int prompt = 0)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        HookName[] names = [.. Enumerable.Range(0, cache.Model.Config.Layers).Select(l => new HookName(Sites.Pattern, l))];
        var patterns = names.Select(n => HeadScoreExtensions.Shaped(cache[n])).ToArray();
        ArgumentOutOfRangeException.ThrowIfNegative(prompt);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(prompt, patterns[0].shape[0]);
        var rolled = AttentionMaps.Rollout(stack([.. patterns.Select(p => p.select(0, prompt).mean([0]))], 0)); // [layer, query, key]
        var places = CachedStream.Places(cache, Indices.All, rolled.shape[1]);
        return new LabelledArray(
            [HeadScoreExtensions.Layers(names), new Axis("query", places.Labels), new Axis("key", places.Labels)], rolled.Doubles(), "rollout",
            new Provenance { Model = cache.Model.Config.ModelName, Method = "attention rollout" });
    }

    private static LabelledArray Placed(ActivationCache cache, string quantity, Func<Tensor, Tensor, Tensor> metric)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var names = HeadScoreExtensions.PatternNames(cache);
        var values = stack([.. names.Select(n => Of(HeadScoreExtensions.Shaped(cache[n])))], 0); // [layer, head, batch, pos]
        return new LabelledArray(
            [HeadScoreExtensions.Layers(names), new Axis("head", (int)values.shape[1]), CachedStream.Prompts(values.shape[2]), CachedStream.Places(cache, Indices.All, values.shape[3])],
            values.Doubles(), quantity, new Provenance { Model = cache.Model.Config.ModelName, Method = "attention pattern" });

        Tensor Of(Tensor pattern)
        {
            var real = PatternWeights.Real(cache, pattern); // [batch, pos]
            return metric(pattern, real).masked_fill(real.unsqueeze(1).eq(0), double.NaN).transpose(0, 1); // [head, batch, pos]
        }
    }
}
