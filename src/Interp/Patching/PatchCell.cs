namespace Interp;

using System.Collections.Immutable;

/// <summary>One experiment of a sweep: units that are patched together, with the experiment's place in the result.</summary>
/// <param name="Index">The place in the result, row-major.</param>
/// <param name="Layer">The first layer that is changed; -1 for sites the model has once.</param>
/// <param name="Units">What is patched.</param>
internal sealed record PatchCell(int Index, int Layer, ImmutableArray<Unit> Units)
{
    /// <summary>The unit, where there is one.</summary>
    public Unit Unit => Units[0];

    /// <summary>Whether one unit of one layer is patched.</summary>
    public bool IsOne => Units.Length == 1 && Layer >= 0 && Unit.Layers.IsSingle;
}
