namespace Interp;

/// <summary>
/// An immutable array of float64 numbers with named axes, a label for every index, the quantity that the numbers are, and
/// where they come from. Every result of the library that is a table of numbers is one.
/// </summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial class LabelledArray : INotebookView
{
    private readonly Axis[] axes;
    private readonly double[] values;

    /// <summary>Labels an array of numbers.</summary>
    /// <param name="axes">The axes, outermost first; names are unique.</param>
    /// <param name="values">The numbers in row-major order (the last axis runs fastest); they are copied.</param>
    /// <param name="quantity">What the numbers are: <c>logit difference</c>, <c>probability</c>, ...</param>
    /// <param name="provenance">Where they come from.</param>
    /// <exception cref="ArgumentException">The number of values is not the product of the axes' lengths, or two axes share a name.</exception>
    public LabelledArray(IReadOnlyList<Axis> axes, ReadOnlySpan<double> values, string quantity, Provenance? provenance = null)
        : this([.. axes ?? throw new ArgumentNullException(nameof(axes))], values.ToArray(), quantity, provenance)
    {
    }

    private LabelledArray(Axis[] axes, double[] values, string quantity, Provenance? provenance)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        Check(axes, values.Length);
        this.axes = axes;
        this.values = values;
        Quantity = quantity;
        Provenance = provenance ?? new Provenance();
        Axes = Array.AsReadOnly(axes);
        Shape = Array.AsReadOnly(Array.ConvertAll(axes, a => a.Length));
    }

    /// <summary>The axes, outermost first.</summary>
    public IReadOnlyList<Axis> Axes { get; }

    /// <summary>The length of each axis.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The number of axes.</summary>
    public int Rank => axes.Length;

    /// <summary>The number of values.</summary>
    public int Count => values.Length;

    /// <summary>What the numbers are.</summary>
    public string Quantity { get; }

    /// <summary>Where the numbers come from.</summary>
    public Provenance Provenance { get; }

    /// <summary>The numbers in row-major order: the last axis runs fastest.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>The axis of a name.</summary>
    /// <exception cref="ArgumentException">There is no such axis; the message lists those there are.</exception>
    public Axis AxisOf(string name) => axes[AxisIndex(name)];

    /// <summary>The same numbers under another description.</summary>
    /// <param name="quantity">What the numbers are; null keeps it.</param>
    /// <param name="provenance">Where they come from; null keeps it.</param>
    public LabelledArray With(string? quantity = null, Provenance? provenance = null) =>
        new(axes, values, quantity ?? Quantity, provenance ?? Provenance);

    /// <summary>Labels an array that nobody else will write to, without copying it.</summary>
    internal static LabelledArray Owning(Axis[] axes, double[] values, string quantity, Provenance? provenance = null) =>
        new(axes, values, quantity, provenance);

    internal int AxisIndex(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = Array.FindIndex(axes, a => a.Name == name);
        return found >= 0 ? found : throw new ArgumentException($"No axis '{name}': this array has {Describe(axes)}.", nameof(name));
    }

    /// <summary>The axes in words: <c>[layer 12, head 12]</c>.</summary>
    internal static string Describe(IEnumerable<Axis> axes) => $"[{string.Join(", ", axes)}]";

    private static void Check(Axis[] axes, int count)
    {
        for (var i = 0; i < axes.Length; i++)
        {
            if (axes[i] is null)
                throw new ArgumentException($"Axis {i} is null.", nameof(axes));
            for (var j = 0; j < i; j++)
                if (axes[i].Name == axes[j].Name)
                    throw new ArgumentException($"Axes {j} and {i} are both named '{axes[i].Name}': names are unique, rename one.", nameof(axes));
        }

        var expected = axes.Aggregate(1L, (product, axis) => product * axis.Length);
        if (expected != count)
            throw new ArgumentException($"{Describe(axes)} needs {expected} values, {count} are given.", nameof(axes));
    }
}
