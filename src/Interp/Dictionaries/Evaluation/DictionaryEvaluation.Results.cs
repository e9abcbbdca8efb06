namespace Interp;

using System.Text.Json;
using System.Text.Json.Serialization;

/// <content>Printing, saving, drawing.</content>
public sealed partial record DictionaryEvaluation
{
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, WriteIndented = true, NewLine = "\n", IgnoreReadOnlyProperties = true,
    };

    private static readonly (string Name, Func<DictionaryEvaluation, double> Value)[] Columns =
    [
        ("L0", e => e.L0), ("FVU", e => e.Unexplained), ("explained variance", e => e.ExplainedVariance), ("cosine", e => e.Cosine),
        ("shrinkage", e => e.Shrinkage), ("reconstruction bias", e => e.RelativeReconstructionBias),
        ("CE recovered", e => e.Recovered), ("CE recovered (mean)", e => e.RecoveredAgainstMean),
        ("KL recovered", e => e.DivergenceRecovered), ("KL recovered (mean)", e => e.DivergenceRecoveredAgainstMean),
        ("loss", e => e.Loss), ("loss reconstructed", e => e.LossReconstructed), ("loss zero", e => e.LossZero), ("loss mean", e => e.LossMean),
        ("KL reconstructed", e => e.Divergence), ("dead share", e => e.DeadShare), ("dense share", e => e.DenseShare),
        ("encoder-decoder cosine", e => e.MeanAlignment), ("explained variance (free mean)", e => e.FreeMeanExplainedVariance),
        ("explained variance (SAELens 6.18)", e => e.SaeLensExplainedVariance), ("explained variance (row by row)", e => e.RowwiseExplainedVariance),
    ];

    string INotebookView.Html => Figure().Fragment;

    /// <summary>Every single number, [metric].</summary>
    [JsonIgnore]
    public LabelledArray Metrics => new([new Axis("metric", Columns.Select(c => c.Name))], [.. Columns.Select(c => c.Value(this))], "value", Provenance);

    private Provenance Provenance => new() { Method = Dictionary.Length > 0 ? Dictionary : null };

    /// <summary>Writes the table to the console.</summary>
    public void Print() => Metrics.Print();

    /// <summary>Writes every number, each latent's density and alignment included, as JSON; <see cref="Load"/> gives it back bit for bit.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is not such a file.</exception>
    public static DictionaryEvaluation Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<DictionaryEvaluation>(File.ReadAllText(path), Json)
                ?? throw new InvalidDataException($"'{path}' is no evaluation of a dictionary: it is null.");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"'{path}' is no evaluation of a dictionary: {problem.Message}", problem);
        }
    }

    /// <summary>Losses as bars, and how often the latents are active.</summary>
    /// <param name="title">The title; by default the dictionary.</param>
    public Figure Figure(string? title = null)
    {
        string[] names = ["as it is", "reconstruction", "mean", "zeros"];
        var losses = new LabelledArray([new Axis("in place of the activation", names)], [Loss, LossReconstructed, LossMean, LossZero], "loss in nats", Provenance);
        double[] densities = [.. Densities.Where(d => d > 0).Select(Math.Log10)];
        var density = new LabelledArray([new Axis("latent", densities.Length)], densities, "log10 density", Provenance);
        var name = title ?? (Dictionary.Length > 0 ? Dictionary : "Dictionary");
        return Interp.Figure.Page(name, losses.BarChart(string.Create(null, $"{name}: CE recovered {Recovered:F3}, FVU {Unexplained:F3}, L0 {L0:F1}")),
            density.Histogram($"Densities: {DeadShare:P1} of {Densities.Length} latents dead, {DenseShare:P1} dense"));
    }

    /// <summary>The names of the columns of a table of evaluations, and their values.</summary>
    internal static IReadOnlyList<(string Name, Func<DictionaryEvaluation, double> Value)> AllColumns => Columns;
}
