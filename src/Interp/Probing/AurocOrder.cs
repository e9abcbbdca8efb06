namespace Interp;

/// <summary>Scores in order, so that the area under the ROC curve of many resamples is one walk each.</summary>
internal sealed class AurocOrder
{
    private readonly int[] order;
    private readonly bool[] positive;
    private readonly bool[] startsTie; // by place in the order: another score or fold than the one before
    private readonly bool[] startsFold;

    public AurocOrder(IReadOnlyList<double> scores, IReadOnlyList<bool> positive, IReadOnlyList<int>? folds)
    {
        this.positive = [.. positive];
        order = [.. Enumerable.Range(0, scores.Count).OrderBy(row => folds?[row] ?? 0).ThenBy(row => scores[row])];
        startsFold = [.. order.Select((row, i) => i == 0 || (folds is not null && folds[row] != folds[order[i - 1]]))];
        startsTie = [.. order.Select((row, i) => startsFold[i] || scores[row] != scores[order[i - 1]])];
    }

    /// <summary>The area when each row counts so many times; once each where null.</summary>
    public double Value(int[]? counts)
    {
        double won = 0, pairs = 0, below = 0, tied = 0, tiedPositive = 0, positives = 0;
        for (var i = 0; i <= order.Length; i++)
        {
            if (i == order.Length || startsTie[i])
            {
                won += tiedPositive * (below + tied / 2);
                (below, positives) = (below + tied, positives + tiedPositive);
                (tied, tiedPositive) = (0, 0);
            }
            if (i == order.Length || startsFold[i])
            {
                pairs += below * positives;
                (below, positives) = (0, 0);
            }
            if (i == order.Length)
                break;
            var count = counts?[order[i]] ?? 1;
            if (positive[order[i]])
                tiedPositive += count;
            else
                tied += count;
        }
        return pairs > 0 ? won / pairs : double.NaN;
    }
}
