namespace Interp;

/// <summary>Which position of the source each position of the base takes its values from. A value.</summary>
/// <remarks>Positions count a prompt's tokens, without padding. A position without a partner keeps the base's own value.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class PositionMap
{
    private readonly string name;
    private readonly Func<RunInput, RunInput, int, IEnumerable<(int Base, int Source)>> pairs;

    private PositionMap(string name, Func<RunInput, RunInput, int, IEnumerable<(int Base, int Source)>> pairs) => (this.name, this.pairs) = (name, pairs);

    /// <summary>
    /// Spans of one name belong together, and so do the last tokens. Spans of unequal length are aligned at their ends, where a model knows the
    /// whole word: the first tokens of the longer one have no partner.
    /// </summary>
    /// <param name="roles">The roles; none for all that both runs' prompts have.</param>
    public static PositionMap ByRole(params IEnumerable<string> roles)
    {
        string[] named = [.. roles];
        return new PositionMap(named.Length == 0 ? "by role" : $"by role {string.Join(", ", named)}", (own, source, row) =>
            (named.Length > 0 ? named : [.. own.RoleNames.Intersect(source.RoleNames), "last"])
                .SelectMany(role => Ends(own.Columns(own.PlacesOf(role))[row], source.Columns(source.PlacesOf(role))[row])));
    }

    /// <summary>Each position takes the value some positions further on.</summary>
    /// <param name="by">How many positions; negative for earlier ones.</param>
    public static PositionMap Shift(int by) => new($"shifted by {by}", (own, source, row) => Tokens(own, source, row, p => p + by));

    /// <summary>A position for each position, in every prompt alike.</summary>
    /// <param name="from">The source's position for the base's; null where there is none.</param>
    public static PositionMap Of(Func<int, int?> from) => new("position map", (own, source, row) => Tokens(own, source, row, from));

    /// <summary>A position for each prompt and position.</summary>
    /// <param name="from">The source's position for the base's prompt and position; null where there is none.</param>
    public static PositionMap Of(Func<int, int, int?> from) => new("position map", (own, source, row) => Tokens(own, source, row, p => from(row, p)));

    /// <inheritdoc/>
    public override string ToString() => name;

    /// <summary>For each row and column of the base the source's column, or -1.</summary>
    internal int[][] Columns(RunInput own, RunInput source)
    {
        var result = Enumerable.Range(0, own.Batch).Select(_ => Enumerable.Repeat(-1, own.Length).ToArray()).ToArray();
        for (var row = 0; row < own.Batch; row++)
            foreach (var (place, partner) in pairs(own, source, row))
                result[row][place] = partner;
        return result;
    }

    private static IEnumerable<(int, int)> Ends(int[] own, int[] source) =>
        Enumerable.Range(1, Math.Min(own.Length, source.Length)).Select(i => (own[^i], source[^i]));

    private static IEnumerable<(int, int)> Tokens(RunInput own, RunInput source, int row, Func<int, int?> from)
    {
        for (var token = 0; token < own.Rows[row].Length; token++)
            if (from(token) is { } place && place >= 0 && place < source.Rows[row].Length)
                yield return (own.Column(row, token), source.Column(row, place));
    }
}
