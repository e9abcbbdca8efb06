namespace Interp;

/// <summary>One visit of ACDC.</summary>
/// <param name="Source">The edge's source.</param>
/// <param name="Target">The edge's target.</param>
/// <param name="Divergence">KL(clean || patched) with the edge out, mean over prompts, in nats.</param>
/// <param name="Removed">Whether it stayed out.</param>
public sealed record AcdcStep(CircuitSource Source, CircuitTarget Target, double Divergence, bool Removed);
