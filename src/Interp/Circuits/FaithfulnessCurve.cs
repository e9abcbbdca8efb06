namespace Interp;

/// <summary>Faithfulness of circuits of growing size, and the areas that sum it up.</summary>
/// <remarks>
/// Mueller et al. 2025 (MIB): circuits of given shares of the graph, dangling parts pruned; f = (m - m of none) / (m of all - m of none).
/// CPR, the circuit performance ratio, is the area under f over the shares; CMD, the circuit-model distance, the area of |1 - f|; both by
/// trapezoids between the shares. A circuit of everything gives f = 1.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class FaithfulnessCurve : INotebookView
{
    internal FaithfulnessCurve(IReadOnlyList<double> shares, IReadOnlyList<int> sizes, IReadOnlyList<double> faithfulness, string unit, Provenance provenance)
    {
        (Shares, Sizes) = (shares, sizes);
        var labels = shares.Select(s => (100 * s).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture) + " %");
        Faithfulness = new LabelledArray([new Axis($"share of {unit}", labels)], [.. faithfulness], "faithfulness", provenance);
    }

    /// <summary>The shares that MIB uses: 0.1 % to all.</summary>
    public static IReadOnlyList<double> DefaultShares { get; } = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

    /// <summary>The shares, rising.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>How many edges (or nodes, or neurons) each circuit has, pruned.</summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>Faithfulness of each circuit, [share]: 1 where it does all of the work, 0 where none.</summary>
    public LabelledArray Faithfulness { get; }

    /// <summary>Area under the faithfulness, from the first share to the last; higher is better.</summary>
    public double Cpr => Area(f => f);

    /// <summary>Area of |1 - faithfulness|, from the first share to the last; 0 is best.</summary>
    public double Cmd => Area(f => Math.Abs(1 - f));

    /// <summary>The curve as a line plot.</summary>
    /// <param name="title">The title; by default says how the circuits were found.</param>
    public Figure Plot(string? title = null) => new[] { new Series("faithfulness", [.. Shares.Select(s => 100 * s)], Faithfulness.Values.ToArray()) }
        .LinePlot(title ?? $"Faithfulness, {Faithfulness.Provenance.Method}", $"% of {Faithfulness.Axes[0].Name["share of ".Length..]}", "faithfulness", powers: true);

    /// <summary>Prints the table.</summary>
    public void Print() => Faithfulness.Print();

    string INotebookView.Html => NotebookHtml.Under(ToString(), Plot().Fragment);

    /// <inheritdoc/>
    public override string ToString() => $"CPR {NumberText.Fixed(Cpr, 3)}, CMD {NumberText.Fixed(Cmd, 3)} over {Shares.Count} circuits";

    private double Area(Func<double, double> height) => Enumerable.Range(0, Shares.Count - 1).Sum(i =>
        (Shares[i + 1] - Shares[i]) * (height(Faithfulness.Values[i]) + height(Faithfulness.Values[i + 1])) / 2);
}
