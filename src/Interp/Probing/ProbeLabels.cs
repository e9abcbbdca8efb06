namespace Interp;

using System.Globalization;

/// <summary>What a probe is to read: a class or a number for each prompt, or for some tokens of each prompt. A value.</summary>
/// <remarks>Classes are ordered: numbers by size, words by ordinal comparison, false before true. With two classes the second is the positive one.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class ProbeLabels
{
    private readonly int[] codes;
    private readonly double[] numbers;

    private ProbeLabels(string[] classes, int[] codes, double[] numbers, (int Prompt, int Place)[]? tokens = null)
    {
        (Classes, this.codes, this.numbers, Tokens) = (classes, codes, numbers, tokens);
        if (Count == 0)
            throw new ArgumentException("There is no label: give one for each prompt.");
    }

    /// <summary>The names of the classes in order; empty where the labels are numbers.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>How many labels there are.</summary>
    public int Count => IsNumeric ? numbers.Length : codes.Length;

    /// <summary>Whether the labels are numbers to be regressed on, not classes.</summary>
    public bool IsNumeric => Classes.Count == 0;

    /// <summary>Whether labels belong to tokens; else each belongs to a prompt.</summary>
    public bool ArePerToken => Tokens is not null;

    /// <summary>The class of each row, as its place in <see cref="Classes"/>; empty for numbers.</summary>
    public ReadOnlySpan<int> Codes => codes;

    /// <summary>The number of each row; empty for classes.</summary>
    public ReadOnlySpan<double> Numbers => numbers;

    /// <summary>The prompt and the token (counted without padding) of each row, where labels belong to tokens.</summary>
    internal (int Prompt, int Place)[]? Tokens { get; }

    /// <summary>Two classes, <c>false</c> and <c>true</c>.</summary>
    public static implicit operator ProbeLabels(bool[] labels) => Of(labels);

    /// <summary>Classes with numbers for names.</summary>
    public static implicit operator ProbeLabels(int[] labels) => Of(labels);

    /// <summary>Classes by name.</summary>
    public static implicit operator ProbeLabels(string[] labels) => Of(labels);

    /// <summary>Numbers to be regressed on.</summary>
    public static implicit operator ProbeLabels(double[] labels) => Of(labels);

    /// <summary>Two classes, <c>false</c> and <c>true</c>.</summary>
    public static ProbeLabels Of(IEnumerable<bool> labels) => new(["false", "true"], [.. labels.Select(l => l ? 1 : 0)], []);

    /// <summary>Classes with numbers for names, in the order of the numbers.</summary>
    public static ProbeLabels Of(IEnumerable<int> labels)
    {
        int[] all = [.. labels];
        int[] names = [.. all.Distinct().Order()];
        return new([.. names.Select(n => n.ToString(CultureInfo.InvariantCulture))], [.. all.Select(l => Array.BinarySearch(names, l))], []);
    }

    /// <summary>Classes by name, in ordinal order.</summary>
    public static ProbeLabels Of(IEnumerable<string> labels)
    {
        string[] all = [.. labels];
        return Coded(all, null);
    }

    /// <summary>Numbers to be regressed on.</summary>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    public static ProbeLabels Of(IEnumerable<double> labels)
    {
        double[] all = [.. labels];
        var bad = Array.FindIndex(all, v => !double.IsFinite(v));
        return bad < 0 ? new([], [], all) : throw new ArgumentException($"Label {bad} is {all[bad]}: leave its prompt out.", nameof(labels));
    }

    /// <summary>Classes of tokens: for each prompt one name per token, null where a token has no label.</summary>
    /// <param name="labels">[prompt][token], tokens as the model reads them, counted without padding (a beginning-of-sequence token is the first).</param>
    public static ProbeLabels OfTokens(IEnumerable<IReadOnlyList<string?>> labels)
    {
        List<string> names = [];
        List<(int, int)> places = [];
        foreach (var (prompt, row) in labels.Index())
            for (var place = 0; place < row.Count; place++)
                if (row[place] is { } name)
                {
                    names.Add(name);
                    places.Add((prompt, place));
                }
        return Coded([.. names], [.. places]);
    }

    /// <summary>The number of classes and rows: <c>200 labels, 2 classes (He 100, She 100)</c>.</summary>
    public override string ToString() => IsNumeric ? $"{Count} numbers"
        : $"{Count} labels, {Classes.Count} classes ({string.Join(", ", Classes.Select((name, i) => $"{name} {codes.Count(c => c == i)}"))})";

    /// <summary>The labels of some rows, with all classes' names.</summary>
    internal ProbeLabels Rows(int[] rows) => IsNumeric
        ? new([], [], [.. rows.Select(r => numbers[r])])
        : new([.. Classes], [.. rows.Select(r => codes[r])], []);

    /// <summary>The same classes, row by row others.</summary>
    internal ProbeLabels Recoded(int[] others) => new([.. Classes], others, []);

    /// <summary>The rows' numbers: the label itself, or 1 and 0 for the positive class and the other.</summary>
    internal double[] Targets() => IsNumeric ? [.. numbers] : [.. codes.Select(c => (double)c)];

    /// <exception cref="ArgumentException">Fewer than two classes have rows.</exception>
    internal void RequireClasses(string where)
    {
        if (!IsNumeric && codes.Distinct().Take(2).Count() < 2)
            throw new ArgumentException($"All {codes.Length} labels {where} are '{Classes[codes[0]]}': a probe needs rows of at least two classes.");
    }

    private static ProbeLabels Coded(string[] labels, (int, int)[]? places)
    {
        var missing = Array.IndexOf(labels, null);
        if (missing >= 0)
            throw new ArgumentException($"Label {missing} is null: leave its prompt out, or give it a class of its own.", nameof(labels));
        string[] names = [.. labels.Distinct().Order(StringComparer.Ordinal)];
        return new(names, [.. labels.Select(l => Array.BinarySearch(names, l, StringComparer.Ordinal))], [], places);
    }
}
