namespace Interp;

/// <summary>A measure against the strength of steering, for one direction and for random ones of the same length.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record DoseResponse : INotebookView
{
    /// <summary>The measure with the direction, mean over prompts, [strength].</summary>
    public required LabelledArray Curve { get; init; }

    /// <summary>The lower end of the mean's bootstrap interval over prompts, [strength]; the curve itself where there is one prompt.</summary>
    public required LabelledArray Low { get; init; }

    /// <summary>The upper end.</summary>
    public required LabelledArray High { get; init; }

    /// <summary>The measure with each random direction, mean over prompts, [control, strength].</summary>
    public required LabelledArray Controls { get; init; }

    /// <summary>The mean over random directions, [strength].</summary>
    public required LabelledArray Control { get; init; }

    /// <summary>The lower end of the interval that holds the given share of random directions, [strength].</summary>
    public required LabelledArray ControlLow { get; init; }

    /// <summary>The upper end.</summary>
    public required LabelledArray ControlHigh { get; init; }

    /// <summary>The share of random directions between both ends, and the level of the curve's interval.</summary>
    public required double Level { get; init; }

    /// <summary>Draws the curve with its interval, and the random directions' mean with their band.</summary>
    /// <param name="title">The title; null names the measure.</param>
    public Figure Figure(string? title = null)
    {
        double[] x = [.. Curve.Axes[0].Labels.Select(label => double.Parse(label, System.Globalization.CultureInfo.InvariantCulture))];
        Series[] lines =
        [
            new("direction", x, Curve.Values.ToArray()) { Low = Low.Values.ToArray(), High = High.Values.ToArray() },
            new($"{Controls.Shape[0]} random directions", x, Control.Values.ToArray()) { Low = ControlLow.Values.ToArray(), High = ControlHigh.Values.ToArray() },
        ];
        return lines.LinePlot(title ?? $"{Curve.Quantity} against strength", "strength", Curve.Quantity);
    }

    /// <summary>The table of all curves, [curve, strength].</summary>
    public LabelledArray Table()
    {
        LabelledArray[] rows = [Curve, Low, High, Control, ControlLow, ControlHigh];
        return new LabelledArray(
            [new Axis("curve", ["direction", "low", "high", "random", "random low", "random high"]), Curve.Axes[0]],
            rows.SelectMany(row => row.Values.ToArray()).ToArray(), Curve.Quantity, Curve.Provenance);
    }

    /// <summary>Prints the table.</summary>
    public void Print() => Table().Print();

    string INotebookView.Html => NotebookHtml.Under(ToString(), Figure().Fragment);

    /// <summary>The measure at the ends of the curve.</summary>
    public override string ToString() =>
        $"{Curve.Quantity} from {NumberText.Short(Curve.Values[0])} at strength {Curve.Axes[0].Labels[0]} to {NumberText.Short(Curve.Values[^1])} at {Curve.Axes[0].Labels[^1]}; "
        + $"{Controls.Shape[0]} random directions: {NumberText.Short(Control.Values[0])} to {NumberText.Short(Control.Values[^1])}";
}
