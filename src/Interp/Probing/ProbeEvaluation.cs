namespace Interp;

/// <summary>How well a probe reads rows that it has not seen, beside controls.</summary>
/// <remarks>All figures are of held-out rows: each row is scored by the probe of the split that left its fold out.</remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record ProbeEvaluation
{
    /// <summary>What <see cref="Score"/> is: <c>AUROC</c> for classes, <c>R2</c> for numbers.</summary>
    public required string Measure { get; init; }

    /// <summary>AUROC (pairs within a fold; mean of one-against-the-rest where there are more than two classes), or R2.</summary>
    public required double Score { get; init; }

    /// <summary>Its 95 % bootstrap interval over rows, or over groups where rows are grouped.</summary>
    public required Interval Interval { get; init; }

    /// <summary>The score's standard error if features and classes were independent; NaN where there are not two classes, or rows are grouped.</summary>
    public required double NullError { get; init; }

    /// <summary>The mean over classes of the share of rows predicted right; NaN for numbers.</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>The share of rows predicted right; NaN for numbers.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Brier's score of the second class; half the squared distance over all classes where there are more. NaN for numbers.</summary>
    public required double Brier { get; init; }

    /// <summary>The expected calibration error in ten bins, of the second class (of the predicted class where there are more); NaN for numbers.</summary>
    public required double CalibrationError { get; init; }

    /// <summary>The reliability curve, [bin, (probability, positive, rows)]; null for numbers.</summary>
    public LabelledArray? Reliability { get; init; }

    /// <summary>Control: the mean score of probes fitted to shuffled labels; NaN where none were asked for.</summary>
    public required double Shuffled { get; init; }

    /// <summary>Control: the score on as many features drawn from a standard normal distribution; NaN where it was not asked for.</summary>
    public required double RandomFeatures { get; init; }

    /// <summary>Control task (Hewitt and Liang 2019): the accuracy on classes drawn once for each token type or key; NaN where there is no such task.</summary>
    public required double ControlTask { get; init; }

    /// <summary>Accuracy minus accuracy on the control task: what the probe reads rather than learns by heart.</summary>
    public double Selectivity => Accuracy - ControlTask;

    /// <summary>The held-out score of each row (of the second class where there are two); empty where there are more classes.</summary>
    public required IReadOnlyList<double> RowScores { get; init; }

    /// <summary>The fold that held each row out.</summary>
    public required IReadOnlyList<int> Folds { get; init; }

    /// <summary>The reliability curve: the share of positive rows over the mean probability of each bin, beside the diagonal.</summary>
    /// <param name="title">The title.</param>
    /// <exception cref="InvalidOperationException">The labels are numbers.</exception>
    public Figure ReliabilityFigure(string title = "Reliability")
    {
        var curve = Reliability ?? throw new InvalidOperationException("The labels are numbers: there is no probability to be relied on.");
        int[] bins = [.. Enumerable.Range(0, curve.Shape[0]).Where(i => curve[i, 2] > 0)];
        Series[] lines =
        [
            new("probe", [.. bins.Select(i => curve[i, 0])], [.. bins.Select(i => curve[i, 1])]), new("calibrated", [0, 1], [0, 1]),
        ];
        return lines.LinePlot(title, "probability", "share of positive rows");
    }

    /// <summary>The score with its interval and the controls.</summary>
    public override string ToString() =>
        $"{Measure} {Text(Score)} {Interval}, shuffled labels {Text(Shuffled)}, random features {Text(RandomFeatures)}"
        + (double.IsNaN(ControlTask) ? "" : $", selectivity {Text(Selectivity)}");

    private static string Text(double value) => NumberText.Fixed(value, 3);
}
