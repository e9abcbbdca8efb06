namespace Interp;

/// <summary>One experiment of a sweep: a unit at one layer, with its place in the result.</summary>
/// <param name="Index">The place in the result, row-major.</param>
/// <param name="Layer">The layer; -1 for sites the model has once.</param>
/// <param name="Unit">The unit that is patched.</param>
/// <param name="Places">The place along each axis of the grid.</param>
internal sealed record PatchCell(int Index, int Layer, Unit Unit, int[] Places);
