namespace Interp;

/// <summary>Splits of rows into folds.</summary>
public static class Splits
{
    /// <summary>Folds of nearly equal size; each class is spread evenly over them.</summary>
    /// <param name="labels">One label per row; numbers are spread by their rank.</param>
    /// <param name="folds">How many folds, at least 2.</param>
    /// <param name="seed">The same seed gives the same split.</param>
    /// <returns>The fold of each row.</returns>
    /// <exception cref="ArgumentException">There are fewer rows, or fewer rows of a class, than folds.</exception>
    public static int[] Stratified(ProbeLabels labels, int folds = 5, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if (labels.Count < folds)
            throw new ArgumentException($"There are {labels.Count} rows for {folds} folds: give more rows or ask for fewer folds.", nameof(folds));
        for (var code = 0; code < labels.Classes.Count; code++)
            if (labels.Codes.Count(code) is var count && count > 0 && count < folds)
                throw new ArgumentException($"Class '{labels.Classes[code]}' has {count} rows for {folds} folds: give more rows of it or ask for fewer folds.", nameof(folds));
        return Dealt(labels, folds, seed);
    }

    /// <summary>Folds that keep groups whole, with classes spread as evenly as the groups allow.</summary>
    /// <remarks>Groups are dealt from the largest to the smallest, each to the fold that it leaves most even.</remarks>
    /// <param name="labels">One label per row.</param>
    /// <param name="groups">The group of each row.</param>
    /// <param name="folds">How many folds, at least 2.</param>
    /// <param name="seed">The order of equal groups; the same seed gives the same split.</param>
    /// <returns>The fold of each row.</returns>
    /// <exception cref="ArgumentException">There are fewer groups than folds, or a class stands in a single group's fold only.</exception>
    public static int[] Grouped(ProbeLabels labels, IReadOnlyList<int> groups, int folds = 5, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var members = Enumerable.Range(0, labels.Count).GroupBy(row => groups[row]).Select(g => g.ToArray()).ToArray();
        if (members.Length < folds)
            throw new ArgumentException($"There are {members.Length} groups for {folds} folds: a group stays on one side of a split. Ask for fewer folds or give more groups.", nameof(folds));
        new Random(seed).Shuffle(members);
        var result = new int[labels.Count];
        var totals = labels.IsNumeric ? [labels.Count] : Enumerable.Range(0, labels.Classes.Count).Select(c => (double)Math.Max(labels.Codes.Count(c), 1)).ToArray();
        var counts = new double[folds, totals.Length];
        foreach (var group in members.OrderByDescending(g => g.Length))
        {
            var shares = new double[totals.Length];
            foreach (var row in group)
                shares[Code(labels, row)] += 1 / totals[Code(labels, row)];
            var fold = Enumerable.Range(0, folds).MinBy(f => Growth(counts, totals, f, shares));
            foreach (var row in group)
            {
                result[row] = fold;
                counts[fold, Code(labels, row)]++;
            }
        }
        return result;
    }

    /// <summary>Checks a split given from outside.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ, a fold is empty, or a group leaks from one fold into another.</exception>
    internal static void Check(int[] folds, ProbeData data)
    {
        if (folds.Length != data.RowCount)
            throw new ArgumentException($"There are {data.RowCount} rows and {folds.Length} folds given: give the fold of each row.");
        if (folds.Min() < 0 || folds.Distinct().Count() != folds.Max() + 1 || folds.Max() < 1)
            throw new ArgumentException("Folds are numbered from 0 without a gap, and there are at least two.");
        if (data.Groups is { } groups)
            foreach (var group in Enumerable.Range(0, folds.Length).GroupBy(row => groups[row]))
                if (group.Select(row => folds[row]).Distinct().ToArray() is { Length: > 1 } several)
                    throw new ArgumentException($"Group {group.Key} leaks: its rows are in folds {string.Join(" and ", several.Order().Take(2))}. Keep each group in one fold.");
    }

    /// <summary>Folds inside of training rows, as many as the smallest class or the groups allow; a single one where they allow none.</summary>
    internal static int[] ForTraining(ProbeData data, int folds)
    {
        if (data.Groups is { } groups)
        {
            var most = Math.Min(folds, groups.Distinct().Count());
            for (var count = most; count >= 2; count--)
                if (Grouped(data.Labels, groups, count) is var split && EveryTrainingSideHasAll(split, data.Labels))
                    return split;
            return new int[data.RowCount];
        }
        var smallest = data.Labels.IsNumeric ? data.RowCount : Present(data.Labels).Min(code => data.Labels.Codes.Count(code));
        return Math.Min(folds, smallest) is var possible and >= 2 ? Dealt(data.Labels, possible, 0) : new int[data.RowCount];
    }

    /// <summary>Whether all classes that have rows have some outside of every fold.</summary>
    internal static bool EveryTrainingSideHasAll(int[] folds, ProbeLabels labels) =>
        labels.IsNumeric || Present(labels).All(code => Enumerable.Range(0, folds.Length).Where(row => labels.Codes[row] == code).Select(row => folds[row]).Distinct().Take(2).Count() == 2);

    private static int[] Present(ProbeLabels labels) => [.. labels.Codes.ToArray().Distinct()];

    private static int Code(ProbeLabels labels, int row) => labels.IsNumeric ? 0 : labels.Codes[row];

    // Rows of each class in random order, dealt round; the next class goes on where the last one stopped, so that folds differ by at most one row.
    private static int[] Dealt(ProbeLabels labels, int folds, int seed)
    {
        var random = new Random(seed);
        var result = new int[labels.Count];
        var next = 0;
        foreach (var rows in Strata(labels, folds))
        {
            random.Shuffle(rows);
            foreach (var row in rows)
                result[row] = next++ % folds;
        }
        return result;
    }

    private static IEnumerable<int[]> Strata(ProbeLabels labels, int folds)
    {
        if (!labels.IsNumeric)
            return Enumerable.Range(0, labels.Count).GroupBy(row => labels.Codes[row]).OrderBy(g => g.Key).Select(g => g.ToArray());
        var numbers = labels.Targets();
        return Enumerable.Range(0, labels.Count).OrderBy(row => numbers[row]).Chunk(folds);
    }

    // What the sum of squared shares of classes grows by when a group joins a fold.
    private static double Growth(double[,] counts, double[] totals, int fold, double[] shares)
    {
        var sum = 0.0;
        for (var code = 0; code < totals.Length; code++)
            sum += shares[code] * (shares[code] + 2 * counts[fold, code] / totals[code]);
        return sum;
    }
}
