namespace Interp;

using TorchSharp;

/// <summary>What a patch puts in place.</summary>
internal static class PatchValues
{
    /// <summary>The edits of an experiment: each unit takes the source's values.</summary>
    /// <param name="cell">The experiment.</param>
    /// <param name="source">The values, in the base's layout.</param>
    /// <param name="input">The base's tokens.</param>
    /// <param name="within">The subspace in which values are put in place; null for whole values.</param>
    public static Edit[] Edits(PatchCell cell, ActivationCache source, RunInput input, Subspace? within) =>
        [.. cell.Units.Select(unit => new Edit(unit, Interventions.Apply((x, context) => Patched(x, Of(unit, context.Name, source, input), within), "patch")))];

    /// <summary>The source's values at a unit; the caller's scope owns what is not a view.</summary>
    public static torch.Tensor Of(Unit unit, HookName name, ActivationCache source, RunInput input)
    {
        var whole = source[name];
        return Selection.Resolve(unit, whole.shape, input, 0, false)!.Read(whole);
    }

    private static torch.Tensor Patched(torch.Tensor x, torch.Tensor values, Subspace? within) => within is null ? values : within.Patched(x, values);
}
