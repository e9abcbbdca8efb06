namespace Interp;

/// <summary>An interval of confidence.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
/// <param name="Level">The level of confidence, between 0 and 1.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public readonly record struct Interval(double Low, double High, double Level)
{
    /// <summary>The two ends: <c>[0.912, 0.954]</c>.</summary>
    public override string ToString() => $"[{NumberText.Fixed(Low, 3)}, {NumberText.Fixed(High, 3)}]";
}
