namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Finds heads by where they look on any text, not only on repeated random tokens.</summary>
public static class HeadDetectionExtensions
{
    /// <summary>How far each head's attention follows a pattern, [layer, head].</summary>
    /// <remarks>As TransformerLens's <c>detect_head</c>.</remarks>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="pattern">What to look for.</param>
    /// <param name="excludeFirst">Whether attention to the first token counts nowhere: heads rest there.</param>
    /// <param name="excludeSelf">Whether a token's attention to itself counts nowhere.</param>
    /// <param name="measure">The share of attention inside the pattern, or the difference from it.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    /// <exception cref="InvalidOperationException">The cache does not hold the prompts.</exception>
    public static LabelledArray DetectHeads(
        this ActivationCache cache, HeadPattern pattern, bool excludeFirst = false, bool excludeSelf = false, HeadMeasure measure = HeadMeasure.Share) =>
        cache.DetectHeads((tokens, query, key) => Follows(pattern, tokens, query, key), $"{Name(pattern)} score", excludeFirst, excludeSelf, measure);

    /// <summary>How far each head's attention follows a pattern of one's own, [layer, head].</summary>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="follows">Whether a key is where the pattern looks from a query, given the prompt's real tokens; places are counted without padding.</param>
    /// <param name="quantity">What the score is called.</param>
    /// <param name="excludeFirst">Whether attention to the first token counts nowhere.</param>
    /// <param name="excludeSelf">Whether a token's attention to itself counts nowhere.</param>
    /// <param name="measure">The share of attention inside the pattern, or the difference from it.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    /// <exception cref="InvalidOperationException">The cache does not hold the prompts.</exception>
    public static LabelledArray DetectHeads(
        this ActivationCache cache, Func<IReadOnlyList<int>, int, int, bool> follows, string quantity = "pattern score", bool excludeFirst = false,
        bool excludeSelf = false, HeadMeasure measure = HeadMeasure.Share)
    {
        ArgumentNullException.ThrowIfNull(follows);
        using var scope = NewDisposeScope();
        var input = cache.Input ?? throw new InvalidOperationException("This cache does not hold the prompts: detect heads on a run's own cache.");
        var where = Map(input, follows);
        var counted = Map(input, (_, query, key) => !(excludeFirst && key == 0) && !(excludeSelf && key == query));
        return measure == HeadMeasure.Share
            ? cache.PatternScores(where * counted, counted, quantity)
            : HeadScoreExtensions.Scored(cache, quantity, pattern => Difference(pattern, where, counted, PatternWeights.Real(cache, pattern)));
    }

    // [head]: 1 - mean over a prompt's queries of sum |attention - pattern|, averaged over prompts.
    private static Tensor Difference(Tensor pattern, Tensor where, Tensor counted, Tensor real)
    {
        var copies = pattern.shape[0] / where.shape[0];
        Tensor Fitted(Tensor map) => map.repeat(copies, 1, 1).unsqueeze(1).to(pattern.dtype, pattern.device); // [batch, 1, query, key]
        var off = ((pattern - Fitted(where)).abs() * Fitted(counted)).sum([2, 3]); // [batch, head]
        return 1 - (off / real.sum([1], keepdim: true)).mean([0]);
    }

    private static bool Follows(HeadPattern pattern, IReadOnlyList<int> tokens, int query, int key) => pattern switch
    {
        HeadPattern.PreviousToken => key == query - 1,
        HeadPattern.DuplicateToken => key < query && tokens[key] == tokens[query],
        HeadPattern.Induction => key > 0 && key <= query && tokens[key - 1] == tokens[query],
        _ => throw new ArgumentOutOfRangeException(nameof(pattern), pattern, "no such pattern"),
    };

    private static string Name(HeadPattern pattern) => pattern switch
    {
        HeadPattern.PreviousToken => "previous-token",
        HeadPattern.DuplicateToken => "duplicate-token",
        _ => "induction",
    };

    // [batch, query, key], 1 where real tokens fit; places are counted without padding.
    private static Tensor Map(RunInput input, Func<IReadOnlyList<int>, int, int, bool> fits)
    {
        var (batch, length) = (input.Batch, input.Length);
        var map = new float[batch * length * length];
        for (var row = 0; row < batch; row++)
        {
            int[] columns = [.. Enumerable.Range(0, length).Where(c => input.Mask is not { } mask || mask[row][c])];
            var ids = input.Rows[row];
            int[] tokens = [.. columns.Select((column, i) => ids[ids.Length == length ? column : i])];
            for (var query = 0; query < tokens.Length; query++)
                for (var key = 0; key < tokens.Length; key++)
                    map[(row * length + columns[query]) * length + columns[key]] = fits(tokens, query, key) ? 1 : 0;
        }
        return tensor(map, [batch, length, length]);
    }
}
