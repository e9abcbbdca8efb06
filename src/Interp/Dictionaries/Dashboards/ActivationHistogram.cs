namespace Interp;

using System.Collections.Immutable;

/// <summary>How often a feature's activations over zero lie in bins of equal width, from zero.</summary>
/// <param name="Width">The width of a bin.</param>
/// <param name="Counts">How many activations each bin holds.</param>
public sealed record ActivationHistogram(double Width, ImmutableArray<long> Counts);
