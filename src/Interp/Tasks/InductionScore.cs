namespace Interp;

/// <summary>How well a model completes repeated sequences.</summary>
/// <param name="LossBefore">Mean -log p of tokens that nothing determines (first occurrences), in nats.</param>
/// <param name="LossRepeated">Mean -log p of tokens that repetition determines, in nats.</param>
/// <param name="Accuracy">Share of the latter that are the model's first choice, 0 to 1.</param>
public sealed record InductionScore(double LossBefore, double LossRepeated, double Accuracy);
