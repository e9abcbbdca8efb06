namespace Interp;

/// <summary>What one training step of a dictionary did.</summary>
/// <param name="Number">The step, from 0 on.</param>
/// <param name="Loss">The whole loss.</param>
/// <param name="Terms">Its parts by name, each as it enters the sum: <c>mse</c>, <c>sparsity</c>, <c>auxiliary</c>, ...</param>
/// <param name="L0">Mean number of latents that are not zero.</param>
/// <param name="Unexplained">Fraction of the batch's variance that is not explained.</param>
/// <param name="Dead">Latents that count as dead.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="GradientLength">Joint length of the gradients before clipping, after projection.</param>
public sealed record DictionaryStep(
    int Number, double Loss, IReadOnlyDictionary<string, double> Terms, double L0, double Unexplained, int Dead, double Rate, double GradientLength);
