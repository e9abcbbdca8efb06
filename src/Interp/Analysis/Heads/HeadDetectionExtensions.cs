namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Finds heads by where they look on any text, not only on repeated random tokens.</summary>
public static class HeadDetectionExtensions
{
    /// <summary>The share of each head's attention that follows a pattern, [layer, head], between 0 and 1.</summary>
    /// <remarks>As TransformerLens's <c>detect_head</c> with error measure "mul": attention inside the pattern over all attention.</remarks>
    /// <param name="cache">A cache with <c>Pattern</c> of some layers.</param>
    /// <param name="pattern">What to look for.</param>
    /// <param name="excludeFirst">Whether attention to the first token counts nowhere: heads rest there.</param>
    /// <param name="excludeSelf">Whether a token's attention to itself counts nowhere.</param>
    /// <exception cref="KeyNotFoundException">No pattern was captured.</exception>
    /// <exception cref="InvalidOperationException">The cache does not hold the prompts.</exception>
    public static LabelledArray DetectHeads(this ActivationCache cache, HeadPattern pattern, bool excludeFirst = false, bool excludeSelf = false)
    {
        using var scope = NewDisposeScope();
        var input = cache.Input ?? throw new InvalidOperationException("This cache does not hold the prompts: detect heads on a run's own cache.");
        var where = Map(input, (tokens, query, key) => Follows(pattern, tokens, query, key));
        var counted = Map(input, (_, query, key) => !(excludeFirst && key == 0) && !(excludeSelf && key == query));
        return cache.PatternScores(where * counted, counted, $"{Name(pattern)} score");
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
