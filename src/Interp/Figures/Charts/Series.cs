namespace Interp;

/// <summary>One line of a <see cref="LinePlotFigure">line plot</see>, with a band around it where both its ends are given.</summary>
/// <param name="Name">What the legend says.</param>
/// <param name="X">Where the points stand across.</param>
/// <param name="Y">How high they stand; NaN leaves a gap.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>The lower end of the band at each point; null for no band.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>The upper end of the band at each point; null for no band.</summary>
    public IReadOnlyList<double>? High { get; init; }

    /// <summary>The name and the number of points.</summary>
    public override string ToString() => $"{Name} ({X.Count} points)";

    internal void Check()
    {
        if (X.Count != Y.Count)
            throw new ArgumentException($"Series '{Name}' has {X.Count} x against {Y.Count} y.");
        if ((Low is null) != (High is null))
            throw new ArgumentException($"Series '{Name}' has one end of its band: give Low and High, or neither.");
        if (Low is not null && (Low.Count != X.Count || High!.Count != X.Count))
            throw new ArgumentException($"Series '{Name}' has {X.Count} points and a band of {Low.Count} and {High!.Count}.");
    }
}
