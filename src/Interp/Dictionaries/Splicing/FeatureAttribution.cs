namespace Interp;

/// <summary>What each feature and the error term of a dictionary add to a contrast, to first order.</summary>
/// <remarks>
/// Where the dictionary's decoder alone stands between latents and activation (no row normalisation), the features and the error add up to the
/// attribution of the activation itself: gradients are the same ones, and the activation is a sum.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class FeatureAttribution : INotebookView
{
    internal FeatureAttribution(AttributionResult features, AttributionResult error, AttributionResult site) => (Features, Error, Site) = (features, error, site);

    /// <summary>Each feature's share, [layer, feature].</summary>
    public AttributionResult Features { get; }

    /// <summary>The error term's share, [layer].</summary>
    public AttributionResult Error { get; }

    /// <summary>The share of the activation as a whole, [layer].</summary>
    public AttributionResult Site { get; }

    /// <summary>The features with the largest shares, by magnitude.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Feature and share.</returns>
    public IReadOnlyList<(int Feature, double Effect)> Top(int count) => [.. Features.Top(count).Select(entry => (entry.Indices[^1], entry.Value))];

    /// <summary>Prints the ten largest shares, the error's and the whole.</summary>
    public void Print() => Console.Out.Write(Table());

    /// <summary>The largest shares as bars, the rest and the error among them.</summary>
    /// <param name="count">How many features.</param>
    /// <param name="title">The title.</param>
    public Figure Figure(int count = 15, string? title = null)
    {
        var top = Top(count);
        var rest = Features.Effect.Sum() - top.Sum(t => t.Effect);
        var axis = new Axis("node", [.. top.Select(t => $"feature {t.Feature}"), "other features", "error"]);
        return new LabelledArray([axis], [.. top.Select(t => t.Effect), rest, Error.Effect.Sum()], Features.Effect.Quantity, Features.Effect.Provenance)
            .BarChart(title ?? "Attribution to features");
    }

    string INotebookView.Html => NotebookHtml.Under(ToString(), Figure().Fragment);

    /// <summary>The sum of the features' shares, the error's and the whole, in one line.</summary>
    public override string ToString() =>
        $"features {NumberText.Short(Features.Effect.Sum())} + error {NumberText.Short(Error.Effect.Sum())} = {NumberText.Short(Site.Effect.Sum())} ({Features.Effect.Quantity})";

    private string Table()
    {
        var table = new TextTable("node", Features.Effect.Quantity);
        foreach (var (feature, effect) in Top(10))
            table.Add($"feature {feature}", NumberText.Short(effect));
        return table.Add("all features", NumberText.Short(Features.Effect.Sum())).Add("error", NumberText.Short(Error.Effect.Sum()))
            .Add("activation", NumberText.Short(Site.Effect.Sum())).ToString();
    }
}
