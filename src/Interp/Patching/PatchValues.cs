namespace Interp;

using TorchSharp;

/// <summary>What a patch puts in place.</summary>
internal static class PatchValues
{
    /// <summary>The source run's values at the cell's unit; the caller's scope owns what is not a view.</summary>
    public static torch.Tensor Of(PatchCell cell, ActivationCache source, RunInput input)
    {
        var whole = source[new HookName(cell.Unit.Site, cell.Layer)];
        return Selection.Resolve(cell.Unit, whole.shape, input, 0, false)!.Read(whole);
    }
}
