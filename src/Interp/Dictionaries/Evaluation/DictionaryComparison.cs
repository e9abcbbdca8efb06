namespace Interp;

using System.Globalization;

/// <summary>Several dictionaries, evaluated on the same prompts, side by side.</summary>
/// <remarks>
/// Dictionaries are comparable at equal L0 only. Entries of one name are one family at several sparsities: <see cref="AtL0"/> interpolates each
/// figure between the two neighbours, linearly in log L0, and goes nowhere beyond them.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class DictionaryComparison : INotebookView
{
    private const double Near = 1.02;
    private readonly (string Name, DictionaryEvaluation Evaluation)[] entries;

    /// <summary>Puts evaluations side by side.</summary>
    /// <param name="entries">Names and evaluations; entries of one name are one family.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public DictionaryComparison(IEnumerable<(string Name, DictionaryEvaluation Evaluation)> entries)
    {
        this.entries = [.. entries];
        if (this.entries.Length == 0)
            throw new ArgumentException("There is no evaluation to compare.", nameof(entries));
    }

    /// <summary>What is compared, in the order given.</summary>
    public IReadOnlyList<(string Name, DictionaryEvaluation Evaluation)> Entries => entries;

    /// <summary>Every figure of every dictionary, [dictionary, metric].</summary>
    public LabelledArray Table
    {
        get
        {
            var several = entries.GroupBy(e => e.Name).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
            var names = entries.Select(e => several.Contains(e.Name) ? string.Create(CultureInfo.InvariantCulture, $"{e.Name}, L0 {e.Evaluation.L0:F1}") : e.Name);
            return Tabled(names, entries.Select(e => DictionaryEvaluation.AllColumns.Select(c => c.Value(e.Evaluation)).ToArray()));
        }
    }

    /// <summary>Every figure of every family at one L0, [dictionary, metric].</summary>
    /// <param name="l0">Active latents per row; within two per cent an entry is taken as it is.</param>
    /// <exception cref="ArgumentException">A family has no entries on both sides; the message says what it has.</exception>
    public LabelledArray AtL0(double l0)
    {
        var families = entries.GroupBy(e => e.Name).ToArray();
        return Tabled(families.Select(f => f.Key), families.Select(f => Interpolated(f.Key, [.. f.Select(e => e.Evaluation).OrderBy(e => e.L0)], l0)));
    }

    /// <summary>Writes the table to the console.</summary>
    public void Print() => Table.Print();

    /// <summary>A figure of every dictionary as bars.</summary>
    /// <param name="metric">One of the table's metrics.</param>
    /// <param name="l0">At which L0; null for the dictionaries as they are.</param>
    /// <param name="title">The title.</param>
    public Figure Figure(string metric = "FVU", double? l0 = null, string? title = null)
    {
        var column = (l0 is { } at ? AtL0(at) : Table)["metric", metric];
        return column.With(metric).BarChart(title ?? (l0 is { } value ? string.Create(CultureInfo.InvariantCulture, $"{metric} at L0 {value:0.#}") : metric));
    }

    string INotebookView.Html => NotebookHtml.Under(ToString(), Table);

    /// <summary>How many dictionaries and families.</summary>
    public override string ToString() => $"{entries.Length} dictionaries of {entries.Select(e => e.Name).Distinct().Count()} families";

    private static LabelledArray Tabled(IEnumerable<string> names, IEnumerable<double[]> rows) =>
        new([new Axis("dictionary", names), new Axis("metric", DictionaryEvaluation.AllColumns.Select(c => c.Name))], [.. rows.SelectMany(r => r)], "value");

    private static double[] Interpolated(string name, DictionaryEvaluation[] family, double l0)
    {
        double[] Row(DictionaryEvaluation e) => [.. DictionaryEvaluation.AllColumns.Select(c => c.Value(e))];
        var nearest = family.MinBy(e => Math.Abs(Math.Log(e.L0 / l0)))!;
        if (Math.Max(nearest.L0 / l0, l0 / nearest.L0) <= Near)
            return Row(nearest);
        var above = Array.FindIndex(family, e => e.L0 > l0);
        if (above <= 0)
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{name}' has L0 {string.Join(", ", family.Select(e => e.L0.ToString("F1", CultureInfo.InvariantCulture)))}: nothing on both sides of {l0:0.#}. Add a dictionary there, or choose an L0 between."), nameof(l0));
        var (low, high) = (family[above - 1], family[above]);
        var share = Math.Log(l0 / low.L0) / Math.Log(high.L0 / low.L0);
        return [.. Row(low).Zip(Row(high), (a, b) => a + (b - a) * share)];
    }
}
