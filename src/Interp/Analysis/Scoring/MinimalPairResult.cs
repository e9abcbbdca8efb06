namespace Interp;

/// <summary>How a model scores minimal pairs.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record MinimalPairResult
{
    /// <summary>Log-probability of each text, [pair, text], the texts being <c>good</c> and <c>bad</c>, in nats.</summary>
    public required LabelledArray LogProbabilities { get; init; }

    /// <summary>Good minus bad, [pair], in nats.</summary>
    public LabelledArray Differences => (LogProbabilities["text", 0] - LogProbabilities["text", 1]).With("good - bad (nats)");

    /// <summary>Number of pairs.</summary>
    public int Count => LogProbabilities.Shape[0];

    /// <summary>Share of pairs whose good text is the likelier; ties count as wrong.</summary>
    public double Accuracy => Differences.Values.ToArray().Count(d => d > 0) / (double)Count;

    /// <summary>The differences as a histogram: right of zero the good text is the likelier.</summary>
    /// <param name="title">The title; by default says the accuracy.</param>
    public Figure Figure(string? title = null) =>
        HistogramFigure.Marked(Differences, title ?? $"{Count} minimal pairs: accuracy {NumberText.Fixed(Accuracy, 3)}", null, (0, "equally likely at"));

    /// <inheritdoc/>
    public override string ToString() => $"{Count} minimal pairs: accuracy {NumberText.Fixed(Accuracy, 3)}, mean difference {NumberText.Fixed(Differences.Mean(), 3)} nats";
}
