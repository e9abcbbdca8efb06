namespace Interp;

using System.Collections.Immutable;
using System.Globalization;

/// <summary>How good a dictionary is on a model's activations.</summary>
/// <remarks>
/// Quality is that of the output site (for an autoencoder the site it reads), over all rows that count. Losses and divergences are means over
/// predicted tokens, with the reconstruction, zeros or the mean activation in the place of those rows, all others as they are.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed partial record DictionaryEvaluation : INotebookView
{
    /// <summary>What was evaluated, in words.</summary>
    public string Dictionary { get; init; } = "";

    /// <summary>Rows of activations that were looked at.</summary>
    public required long Rows { get; init; }

    /// <summary>Mean number of active latents.</summary>
    public required double L0 { get; init; }

    /// <summary>Mean sum of latents.</summary>
    public double L1 { get; init; }

    /// <summary>Mean over rows of the sum of squared errors.</summary>
    public double SquaredError { get; init; }

    /// <summary>FVU: Σ|x - x̂|² / Σ|x - x̄|², with the mean of all rows.</summary>
    public required double Unexplained { get; init; }

    /// <summary>1 - <see cref="Unexplained"/>.</summary>
    public double ExplainedVariance => 1 - Unexplained;

    /// <summary>Legacy, dictionary_learning: the error's own mean is free. See <see cref="DictionaryMetrics.FreeMeanExplainedVariance"/>.</summary>
    public double FreeMeanExplainedVariance { get; init; }

    /// <summary>Legacy, SAELens 6.18. See <see cref="DictionaryMetrics.SaeLensExplainedVariance"/>.</summary>
    public double SaeLensExplainedVariance { get; init; }

    /// <summary>Legacy, SAELens before 6: mean over rows of 1 - |x - x̂|² / |x - x̄|². See <see cref="DictionaryMetrics.RowwiseExplainedVariance"/>.</summary>
    public double RowwiseExplainedVariance { get; init; }

    /// <summary>Mean cosine of an activation and its reconstruction.</summary>
    public required double Cosine { get; init; }

    /// <summary>Mean of |x̂| / |x|.</summary>
    public required double Shrinkage { get; init; }

    /// <summary>Mean |x̂|² over mean ⟨x, x̂⟩: 1 without bias.</summary>
    public double RelativeReconstructionBias { get; init; }

    /// <summary>Share of rows in which each latent is active.</summary>
    public required ImmutableArray<double> Densities { get; init; }

    /// <summary>Cosine of each latent's encoder and decoder direction; empty where input and output have different widths.</summary>
    public ImmutableArray<double> Alignments { get; init; } = [];

    /// <summary>Mean of <see cref="Alignments"/>; NaN where there are none.</summary>
    public double MeanAlignment => Alignments.IsEmpty ? double.NaN : Alignments.Average();

    /// <summary>Share of latents that were never active.</summary>
    public double DeadShare => Densities.Count(d => d == 0) / (double)Densities.Length;

    /// <summary>Share of latents that were active in more than a tenth of the rows.</summary>
    public double DenseShare => Densities.Count(d => d > 0.1) / (double)Densities.Length;

    /// <summary>Mean next-token loss of the model as it is, in nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Loss with the reconstruction in place of the activation.</summary>
    public required double LossReconstructed { get; init; }

    /// <summary>Loss with zeros in place of the activation.</summary>
    public required double LossZero { get; init; }

    /// <summary>Loss with the mean activation in its place.</summary>
    public required double LossMean { get; init; }

    /// <summary>KL(model | model with reconstruction), mean over predicted tokens, in nats.</summary>
    public required double Divergence { get; init; }

    /// <summary>KL(model | model with zeros).</summary>
    public required double DivergenceZero { get; init; }

    /// <summary>KL(model | model with the mean activation).</summary>
    public double DivergenceMean { get; init; }

    /// <summary>CE recovered: (loss with zeros - loss with reconstruction) / (loss with zeros - loss).</summary>
    public double Recovered => (LossZero - LossReconstructed) / (LossZero - Loss);

    /// <summary>As <see cref="Recovered"/>, against the mean activation.</summary>
    public double RecoveredAgainstMean => (LossMean - LossReconstructed) / (LossMean - Loss);

    /// <summary>KL recovered: (KL with zeros - KL with reconstruction) / KL with zeros.</summary>
    public double DivergenceRecovered => (DivergenceZero - Divergence) / DivergenceZero;

    /// <summary>As <see cref="DivergenceRecovered"/>, against the mean activation.</summary>
    public double DivergenceRecoveredAgainstMean => (DivergenceMean - Divergence) / DivergenceMean;

    /// <summary>The figures most asked for, in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Dictionary}{(Dictionary.Length > 0 ? ": " : "")}L0 {L0:F1}, FVU {Unexplained:F4}, CE recovered {Recovered:F4}, dead {DeadShare:P1}, {Rows} rows");
}
