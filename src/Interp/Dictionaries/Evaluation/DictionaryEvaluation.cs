namespace Interp;

using System.Collections.Immutable;

/// <summary>How good a dictionary is on a model's activations.</summary>
public sealed record DictionaryEvaluation
{
    /// <summary>Rows of activations that were looked at.</summary>
    public required long Rows { get; init; }

    /// <summary>Mean number of active latents.</summary>
    public required double L0 { get; init; }

    /// <summary>Σ|x - x̂|² / Σ|x - x̄|², with the mean of all rows.</summary>
    public required double Unexplained { get; init; }

    /// <summary>1 - <see cref="Unexplained"/>.</summary>
    public double ExplainedVariance => 1 - Unexplained;

    /// <summary>Mean cosine of an activation and its reconstruction.</summary>
    public required double Cosine { get; init; }

    /// <summary>Mean of |x̂| / |x|.</summary>
    public required double Shrinkage { get; init; }

    /// <summary>Share of rows in which each latent is active.</summary>
    public required ImmutableArray<double> Densities { get; init; }

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

    /// <summary>(loss with zeros - loss with reconstruction) / (loss with zeros - loss).</summary>
    public double Recovered => (LossZero - LossReconstructed) / (LossZero - Loss);

    /// <summary>As <see cref="Recovered"/>, against the mean activation.</summary>
    public double RecoveredAgainstMean => (LossMean - LossReconstructed) / (LossMean - Loss);

    /// <summary>(KL with zeros - KL with reconstruction) / KL with zeros.</summary>
    public double DivergenceRecovered => (DivergenceZero - Divergence) / DivergenceZero;
}
