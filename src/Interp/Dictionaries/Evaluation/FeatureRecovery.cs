namespace Interp;

/// <summary>How well a dictionary has found features that are known.</summary>
/// <param name="Found">Share of the features that some latent's direction meets.</param>
/// <param name="MeanMaxCosine">Mean over features of the largest |cosine| with a latent's direction.</param>
/// <param name="Uniqueness">Distinct nearest latents per feature: 1 when no two features share one.</param>
/// <param name="Mcc">Mean |cosine| over the best one-to-one assignment of latents to features (of the fewer of both).</param>
public sealed record FeatureRecovery(double Found, double MeanMaxCosine, double Uniqueness, double Mcc);
