namespace Interp.Extending;

/// <summary>What an intervention may know about where it acts.</summary>
/// <param name="Name">The activation.</param>
/// <param name="Unit">The part of it that was selected.</param>
/// <param name="PastLength">Positions that lie before this forward's first one, in the key-value cache.</param>
public sealed record InterventionContext(HookName Name, Unit Unit, int PastLength);
