namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>What a patch puts in place.</summary>
internal static class PatchValues
{
    /// <summary>The edits of an experiment: each unit takes the source's values.</summary>
    /// <param name="cell">The experiment.</param>
    /// <param name="source">The values, in the base's layout.</param>
    /// <param name="input">The base's tokens.</param>
    /// <param name="within">The subspace in which values are put in place; null for whole values.</param>
    public static Edit[] Edits(PatchCell cell, ActivationCache source, RunInput input, Subspace? within) => [.. cell.Units.Select(unit =>
    {
        var columns = Uneven(unit, input);
        return columns is null
            ? new Edit(unit, Interventions.Apply((x, context) => Within(x, Of(unit, source[context.Name], input), within), "patch"))
            : new Edit(Whole(unit), Interventions.Apply((x, context) => Chosen(unit, columns, x, Within(x, Of(Whole(unit), source[context.Name], input), within)), "patch"));
    })];

    /// <summary>The base's activation with the unit's part from the source; the caller's scope owns it.</summary>
    public static Tensor Into(Unit unit, Tensor own, Tensor source, RunInput input)
    {
        var whole = own.clone();
        var columns = Uneven(unit, input);
        var selection = Selection.Resolve(columns is null ? unit : Whole(unit), own.shape, input, 0, false)!;
        var values = selection.Read(source);
        selection.Write(whole, columns is null ? values : Chosen(unit, columns, selection.Read(own), values));
        return whole;
    }

    private static Tensor Within(Tensor x, Tensor values, Subspace? within) => within is null ? values : within.Patched(x, values);

    private static Tensor Of(Unit unit, Tensor whole, RunInput input) => Selection.Resolve(unit, whole.shape, input, 0, false)!.Read(whole);

    // The columns of a unit whose places differ in number from row to row; else null.
    private static int[][]? Uneven(Unit unit, RunInput input) =>
        unit.Site.Axis(unit.PositionAxis) >= 0 && unit.Along(unit.PositionAxis) is { IsPerRow: true } places
        && input.Columns(places) is var columns && columns.Any(c => c.Length != columns[0].Length) ? columns : null;

    private static Unit Whole(Unit unit) => unit.Along(unit.PositionAxis, Indices.All);

    // values at each row's columns, x elsewhere; both of the unit without its positions.
    private static Tensor Chosen(Unit unit, int[][] columns, Tensor x, Tensor values)
    {
        var axis = unit.Site.Axes.TakeWhile(a => a != unit.PositionAxis).Count(a => !unit.Along(a).IsSingle);
        var length = (int)x.shape[axis];
        var chosen = tensor(columns.SelectMany(c => Enumerable.Range(0, length).Select(p => c.Contains(p))).ToArray(), device: x.device);
        var shape = Enumerable.Repeat(1L, (int)x.dim()).ToArray();
        (shape[0], shape[axis]) = (columns.Length, length);
        return where(chosen.view(shape), values, x);
    }
}
