namespace Interp;

/// <summary>What one training step did.</summary>
/// <param name="Step">Its number, from 0 on.</param>
/// <param name="Loss">The loss before the step.</param>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="GradientNorm">The joint length of all gradients, before clipping.</param>
public readonly record struct TrainingStep(int Step, double Loss, double LearningRate, double GradientNorm);
