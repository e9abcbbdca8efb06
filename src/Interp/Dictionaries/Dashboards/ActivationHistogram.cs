namespace Interp;

using System.Collections.Immutable;

/// <summary>How often a feature's activations over zero lie in bins of equal width, from zero.</summary>
/// <param name="Width">The width of a bin.</param>
/// <param name="Counts">How many activations each bin holds.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record ActivationHistogram(double Width, ImmutableArray<long> Counts)
{
    /// <summary>Draws the counts.</summary>
    /// <param name="title">The title.</param>
    /// <param name="note">A line below it.</param>
    public Figure Figure(string title = "Activations over zero", string note = "") =>
        HistogramFigure.OfCounts(0, Width, [.. Counts.Select(c => (int)Math.Min(c, int.MaxValue))], title, note, "activation");

    /// <summary>How many activations there are, and up to where.</summary>
    public override string ToString() => $"{Counts.Sum()} activations below {NumberText.Short(Width * Counts.Length)}";
}
