namespace Interp;

/// <summary>One named axis of a <see cref="LabelledArray"/>: its name and the label of every index along it.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Axis : IEquatable<Axis>
{
    private readonly string[] labels;

    /// <summary>Names an axis and its indices.</summary>
    /// <param name="name">The field's word for the axis: <c>layer</c>, <c>head</c>, <c>pos</c>, ...</param>
    /// <param name="labels">One label per index. Labels may repeat, as tokens do; a repeated one can be read only by index.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or a label is null.</exception>
    public Axis(string name, IEnumerable<string> labels)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(labels);
        Name = name;
        this.labels = [.. labels];
        var missing = Array.IndexOf(this.labels, null);
        if (missing >= 0)
            throw new ArgumentException($"Axis '{name}' has no label at index {missing}: give an empty string where there is none.", nameof(labels));
        Labels = Array.AsReadOnly(this.labels);
        IsNumbered = this.labels.All(label => label.Length > 0 && char.IsAsciiDigit(label[0]));
    }

    /// <summary>Names an axis whose labels are the numbers from 0 to <paramref name="length"/> - 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public Axis(string name, int length)
        : this(name, Enumerable.Range(0, length).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)))
    {
    }

    /// <summary>The field's word for the axis.</summary>
    public string Name { get; }

    /// <summary>The label of each index.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The number of indices.</summary>
    public int Length => labels.Length;

    /// <summary>Whether every label begins with a number of its own, so that the index need not be said beside it.</summary>
    internal bool IsNumbered { get; }

    /// <summary>The index that carries a label.</summary>
    /// <exception cref="ArgumentException">No index carries it, or several do; the message names the nearest label or the indices.</exception>
    public int IndexOf(string label)
    {
        ArgumentNullException.ThrowIfNull(label);
        var first = Array.IndexOf(labels, label);
        if (first < 0)
            throw new ArgumentException($"No label '{label}' on axis '{Name}' (length {Length}).{Nearest(label)}", nameof(label));
        var second = Array.IndexOf(labels, label, first + 1);
        if (second >= 0)
            throw new ArgumentException(
                $"Label '{label}' stands at more than one index of axis '{Name}' ({first}, {second}{(Array.IndexOf(labels, label, second + 1) >= 0 ? ", ..." : "")}): ask by index.",
                nameof(label));
        return first;
    }

    /// <summary>The same axis reduced to some of its indices.</summary>
    internal Axis Take(Range range) => new(Name, labels[range]);

    /// <inheritdoc/>
    public bool Equals(Axis? other) => other is not null && Name == other.Name && labels.AsSpan().SequenceEqual(other.labels);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Axis);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Length, Length > 0 ? labels[0] : "", Length > 0 ? labels[^1] : "");

    /// <summary>The name and the length: <c>layer 12</c>.</summary>
    public override string ToString() => $"{Name} {Length}";

    private string Nearest(string label)
    {
        if (Length == 0)
            return "";
        var trimmed = label.Trim();
        var near = labels.FirstOrDefault(l => string.Equals(l.Trim(), trimmed, StringComparison.OrdinalIgnoreCase));
        return near is null
            ? $" Its labels run from '{DisplayText.Visible(labels[0])}' to '{DisplayText.Visible(labels[^1])}'."
            : $" Nearest: '{near}'.";
    }
}
