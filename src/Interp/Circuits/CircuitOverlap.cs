namespace Interp;

/// <summary>How much two circuits share, against chance.</summary>
/// <param name="Jaccard">Shared edges over all edges of both.</param>
/// <param name="Shared">Edges that both have.</param>
/// <param name="Expected">Mean number of shared edges when the second circuit's edges are drawn anew.</param>
/// <param name="Null">The middle 95 % of that number.</param>
/// <param name="PValue">(1 + draws that share as many) / (1 + draws).</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record CircuitOverlap(double Jaccard, int Shared, double Expected, Interval Null, double PValue)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Shared} shared edges (Jaccard {NumberText.Fixed(Jaccard, 3)}); by chance {NumberText.Fixed(Expected, 1)} {Null}, p = {NumberText.Fixed(PValue, 4)}";
}
