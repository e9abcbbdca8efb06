namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Scores of attention heads by where they look: [layer, head], each the mean attention along a diagonal of the pattern.</summary>
/// <remarks>
/// On a sequence of n random tokens repeated once (a beginning token before them), an induction head looks n - 1 back, at the token behind the
/// earlier copy of the current one; a duplicate-token head looks n back (Olsson et al. 2022). Scores lie between 0 and 1.
/// </remarks>
public static class HeadScoreExtensions
{
    /// <summary>Mean attention to the token behind the previous copy, n - 1 back.</summary>
    /// <param name="cache">A cache with <c>Pattern</c>, of sequences that repeat n tokens.</param>
    /// <param name="period">n, the number of tokens that repeat.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray InductionScores(this ActivationCache cache, int period) => cache.DiagonalScores(period - 1, "induction score");

    /// <summary>Mean attention to the previous copy of the current token, n back.</summary>
    /// <inheritdoc cref="InductionScores(ActivationCache, int)"/>
    public static LabelledArray DuplicateTokenScores(this ActivationCache cache, int period) => cache.DiagonalScores(period, "duplicate-token score");

    /// <summary>Mean attention to the token before the current one.</summary>
    /// <param name="cache">A cache with <c>Pattern</c>.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray PreviousTokenScores(this ActivationCache cache) => cache.DiagonalScores(1, "previous-token score");

    /// <summary>Mean attention to the token a fixed distance back, over prompts and all positions that have one, [layer, head].</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="distance">How far back, from 0 (the token itself).</param>
    /// <param name="quantity">What the score is called.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The prompts are not that long.</exception>
    public static LabelledArray DiagonalScores(this ActivationCache cache, int distance, string quantity = "attention along a diagonal") =>
        Scored(cache, quantity, pattern =>
        {
            if (distance < 0 || distance >= pattern.shape[3])
                throw new ArgumentOutOfRangeException(nameof(distance), $"No token is {distance} back in prompts of {pattern.shape[3]} tokens (0-{pattern.shape[3] - 1}).");
            return pattern.diagonal(-distance, 2, 3).mean([0, 2]); // [head]
        });

    /// <summary>The share of each head's attention that falls where a given map has weight, [layer, head].</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="where">Weights from 0 to 1, [query, key] or [batch, query, key].</param>
    /// <param name="quantity">What the score is called.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    public static LabelledArray PatternScores(this ActivationCache cache, Tensor where, string quantity = "share of attention") =>
        cache.PatternScores(where, null, quantity);

    /// <summary>The same, of the attention that another map lets count.</summary>
    internal static LabelledArray PatternScores(this ActivationCache cache, Tensor where, Tensor? counted, string quantity) =>
        Scored(cache, quantity, pattern =>
        {
            Tensor Fitted(Tensor map) => (map.dim() == 2 ? map.unsqueeze(0) : map).unsqueeze(1).to(pattern.dtype, pattern.device); // [1 or batch, 1, query, key]
            var all = counted is null ? pattern : pattern * Fitted(counted);
            return (pattern * Fitted(where)).sum([0, 2, 3]) / all.sum([0, 2, 3]);
        });

    /// <summary>Induction scores on random tokens, repeated once behind a beginning token.</summary>
    /// <param name="model">The model.</param>
    /// <param name="period">How many tokens repeat.</param>
    /// <param name="prompts">How many sequences.</param>
    /// <param name="seed">The seed of the tokens.</param>
    /// <param name="first">The beginning token; by default the tokenizer's, or token 0.</param>
    public static LabelledArray InductionScores(this HookedTransformer model, int period = 50, int prompts = 8, int seed = 0, int? first = null)
    {
        var random = new Random(seed);
        var bos = first ?? model.Tokenizer?.BosId ?? 0;
        var rows = Enumerable.Range(0, prompts).Select(_ =>
        {
            int[] tokens = [.. Enumerable.Range(0, period).Select(_ => random.Next(model.Config.DVocab))];
            return (int[])[bos, .. tokens, .. tokens];
        });
        using var run = model.On(RunInput.Of(rows)).Capture(Sites.Pattern).WithoutLogits().Run();
        var scores = run.Cache.InductionScores(period);
        return scores.With(provenance: scores.Provenance with { Seed = seed });
    }

    /// <summary>A number for each head of each layer whose pattern was captured, [layer, head].</summary>
    internal static LabelledArray Scored(ActivationCache cache, string quantity, Func<Tensor, Tensor> score)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var names = PatternNames(cache);
        var scores = stack(names.Select(n => score(Shaped(cache[n]))).ToArray(), 0); // [layer, head]
        return new LabelledArray(
            [Layers(names), new Axis("head", (int)scores.shape[1])],
            scores.Doubles(), quantity, new Provenance { Model = cache.Model.Config.ModelName, Method = "attention pattern" });
    }

    /// <summary>The captured patterns, by layer.</summary>
    /// <exception cref="KeyNotFoundException">None was captured.</exception>
    internal static HookName[] PatternNames(ActivationCache cache)
    {
        var names = cache.Names.Where(n => n.Site == Sites.Pattern).Distinct().OrderBy(n => n.Layer).ToArray();
        return names.Length > 0 ? names : throw new KeyNotFoundException("No attention pattern was captured: add Capture(Pattern) to the run.");
    }

    /// <summary>The layers of hook points, as an axis.</summary>
    internal static Axis Layers(IEnumerable<HookName> names) =>
        new("layer", names.Select(n => n.Layer.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>A pattern that was captured whole.</summary>
    internal static Tensor Shaped(Tensor pattern)
    {
        Shape.Check(pattern, "batch head query key", "the pattern");
        return pattern;
    }
}
