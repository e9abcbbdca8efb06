namespace Interp;

using Interp.Extending;

/// <summary>An intervention at a unit.</summary>
/// <param name="Unit">Where.</param>
/// <param name="Intervention">What.</param>
public sealed record Edit(Unit Unit, IIntervention Intervention)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Intervention} at {Unit}";
}
