using System.Text;

namespace Interp;

/// <summary>How two labelled arrays with the same axes agree.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record Comparison : INotebookView
{
    /// <summary>How many entries are compared: those that are a number in both arrays.</summary>
    public required int Count { get; init; }

    /// <summary>Pearson's coefficient over the entries; NaN where it is undefined.</summary>
    public required double Pearson { get; init; }

    /// <summary>Its 95 % percentile bootstrap interval, resampling entries as if independent; null where none was asked for.</summary>
    public Interval? PearsonInterval { get; init; }

    /// <summary>Spearman's coefficient over the entries; NaN where it is undefined.</summary>
    public required double Spearman { get; init; }

    /// <summary>Its 95 % percentile bootstrap interval, resampling entries as if independent; null where none was asked for.</summary>
    public Interval? SpearmanInterval { get; init; }

    /// <summary>How many of the largest entries by magnitude are looked at.</summary>
    public required int TopK { get; init; }

    /// <summary>The share of the top entries of one array that are among those of the other, between 0 and 1.</summary>
    public required double TopKOverlap { get; init; }

    /// <summary>The largest |difference| between entries, in the arrays' unit.</summary>
    public required double MaxDifference { get; init; }

    /// <summary>What was compared, to be drawn; nothing where the comparison was put together by hand.</summary>
    internal ComparedArrays Compared { get; init; }

    string INotebookView.Html
    {
        get
        {
            var html = new StringBuilder("<div style=\"font-family:system-ui,sans-serif\">");
            Table().AppendHtml(html);
            return html.Append("</div>").ToString();
        }
    }

    /// <summary>Writes the comparison to the console.</summary>
    public void Print() => Console.Out.Write(Table().ToString());

    /// <summary>The figures in one line.</summary>
    public override string ToString() =>
        $"{Count} entries: Pearson {NumberText.Fixed(Pearson, 3)}{After(PearsonInterval)}, Spearman {NumberText.Fixed(Spearman, 3)}{After(SpearmanInterval)}, "
        + $"top-{TopK} overlap {NumberText.Fixed(TopKOverlap, 2)}, max |difference| {NumberText.Short(MaxDifference)}";

    internal static Comparison Of(LabelledArray left, LabelledArray right, int topK, int resamples, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(topK);
        ArgumentOutOfRangeException.ThrowIfNegative(resamples);
        var (x, y) = Pairs(left, right);
        var overlap = left.TopOffsets(topK, byMagnitude: true).Intersect(right.TopOffsets(topK, byMagnitude: true)).Count();
        (Interval Pearson, Interval Spearman)? intervals = resamples > 0 && x.Length > 0 ? CorrelationBootstrap.Intervals(x, y, resamples, 0.95, seed) : null;
        return new Comparison
        {
            Count = x.Length,
            Pearson = Correlations.Pearson(x, y),
            PearsonInterval = intervals?.Pearson,
            Spearman = Correlations.Spearman(x, y),
            SpearmanInterval = intervals?.Spearman,
            TopK = topK,
            TopKOverlap = topK == 0 ? double.NaN : overlap / (double)topK,
            MaxDifference = x.Zip(y, (a, b) => a == b ? 0 : Math.Abs(a - b)).DefaultIfEmpty(double.NaN).Max(),
            Compared = new ComparedArrays(left, right),
        };
    }

    private static (double[] X, double[] Y) Pairs(LabelledArray left, LabelledArray right)
    {
        var (x, y) = (new List<double>(left.Count), new List<double>(left.Count));
        for (var i = 0; i < left.Count; i++)
        {
            if (double.IsNaN(left.Values[i]) || double.IsNaN(right.Values[i]))
                continue;
            x.Add(left.Values[i]);
            y.Add(right.Values[i]);
        }

        return ([.. x], [.. y]);
    }

    private static string After(Interval? interval) => interval is { } i ? $" {i}" : "";

    private TextTable Table() => new TextTable($"{Count} entries", "", "95 % interval")
        .Add("Pearson", NumberText.Fixed(Pearson, 3), PearsonInterval?.ToString() ?? "")
        .Add("Spearman", NumberText.Fixed(Spearman, 3), SpearmanInterval?.ToString() ?? "")
        .Add($"top-{TopK} overlap", NumberText.Fixed(TopKOverlap, 2), "")
        .Add("max |difference|", NumberText.Short(MaxDifference), "");
}
