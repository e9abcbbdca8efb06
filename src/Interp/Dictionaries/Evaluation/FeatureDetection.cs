namespace Interp;

/// <summary>Whether a dictionary's latents are active when the known features are that they stand for.</summary>
/// <param name="Precision">Mean over features: when the latent is active, how often the feature is.</param>
/// <param name="Recall">Mean over features: when the feature is active, how often the latent is.</param>
/// <param name="F1">Mean over features of 2·hits / (2·hits + misses + false alarms).</param>
public sealed record FeatureDetection(double Precision, double Recall, double F1);
