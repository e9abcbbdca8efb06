namespace Interp;

using System.Collections.Immutable;
using System.Globalization;

/// <summary>What is known of one feature.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record FeatureDashboard : INotebookView
{
    /// <summary>Its number in the dictionary.</summary>
    public required int Feature { get; init; }

    /// <summary>The dictionary, in words.</summary>
    public required string Dictionary { get; init; }

    /// <summary>Rows of activations that were looked at.</summary>
    public required long Rows { get; init; }

    /// <summary>In how many of them it is active.</summary>
    public required long Active { get; init; }

    /// <summary>Its largest activation.</summary>
    public required double MaxActivation { get; init; }

    /// <summary>The mean of its activations where it is active; 0 where it never is.</summary>
    public required double MeanActivation { get; init; }

    /// <summary>How its activations are spread.</summary>
    public required ActivationHistogram Histogram { get; init; }

    /// <summary>Tokens whose logits it raises most.</summary>
    public required ImmutableArray<TokenWeight> TopLogits { get; init; }

    /// <summary>Tokens whose logits it lowers most.</summary>
    public required ImmutableArray<TokenWeight> BottomLogits { get; init; }

    /// <summary>Texts: the strongest first, then by quantile of the activation.</summary>
    public required ImmutableArray<ExampleGroup> Groups { get; init; }

    /// <summary>Features with the nearest directions.</summary>
    public required ImmutableArray<SimilarFeature> Similar { get; init; }

    /// <summary>Share of the rows in which it is active.</summary>
    public double Density => Rows == 0 ? 0 : Active / (double)Rows;

    string INotebookView.Html => Figure().Fragment;

    /// <summary>The feature as one page.</summary>
    public Figure Figure() => DashboardDrawing.Draw(this);

    /// <summary>The number, the density and what it raises.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"feature {Feature}: density {Density:P3}, max {MaxActivation:G4}, raises {string.Join(" ", TopLogits.Take(3).Select(t => $"'{t.Token}'"))}");
}
