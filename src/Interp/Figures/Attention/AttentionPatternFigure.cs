namespace Interp;

/// <summary>Attention patterns as pictures.</summary>
public static class AttentionPatternFigure
{
    private const double Tolerance = 1e-3;

    /// <summary>
    /// Draws the attention pattern of some heads: a small map of each, the chosen one large with its tokens, and the text, in which
    /// pointing at a token shows where it attends, or what attends to it.
    /// </summary>
    /// <param name="pattern">Probabilities, <c>[head, query, key]</c> or <c>[query, key]</c>; the last two axes' labels are the tokens.</param>
    /// <param name="title">The title.</param>
    /// <remarks>The probabilities are kept to 1/255, so 12 heads over 64 tokens take about 90 KB.</remarks>
    /// <exception cref="ArgumentException">The array has other axes, or a value is no probability.</exception>
    public static Figure AttentionPattern(this LabelledArray pattern, string title = "Attention pattern")
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(title);
        if (pattern.Rank is not (2 or 3))
            throw new ArgumentException($"An attention pattern is [head, query, key] or [query, key]; this array has {LabelledArray.Describe(pattern.Axes)}.", nameof(pattern));
        CheckProbabilities(pattern);
        var heads = pattern.Rank == 3 ? pattern.Axes[0] : new Axis("head", [""]);
        return new Figure(title, new AttentionDrawing(pattern, heads, pattern.Axes[^2], pattern.Axes[^1]).Draw(title));
    }

    private static void CheckProbabilities(LabelledArray pattern)
    {
        for (var i = 0; i < pattern.Count; i++)
            if (!(pattern.Values[i] >= -Tolerance && pattern.Values[i] <= 1 + Tolerance))
            {
                var where = string.Join(", ", pattern.Unravel(i).Select((index, axis) => AxisLabels.Where(pattern.Axes[axis], index)));
                throw new ArgumentException(
                    $"{NumberText.Short(pattern.Values[i])} at {where} is no probability: an attention pattern lies between 0 and 1. Draw scores as a Heatmap.", nameof(pattern));
            }
    }
}
