namespace Interp;

using Interp.Extending;

/// <summary>An intervention at a unit.</summary>
/// <param name="Unit">Where.</param>
/// <param name="Intervention">What.</param>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed record Edit(Unit Unit, IIntervention Intervention)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Intervention} at {Unit}";
}
