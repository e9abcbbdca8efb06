namespace Interp;

using static TorchSharp.torch;

/// <summary>Sets of units, each patched as a whole.</summary>
internal sealed class PatchSets : IPatchCells
{
    private readonly Contrast contrast;

    public PatchSets(Contrast contrast, IReadOnlyList<UnitSet> sets, string axis = "set")
    {
        this.contrast = contrast;
        Axes = [new Axis(axis, sets.Select(s => s.Name))];
        Cells = [.. sets.Select((set, i) => new PatchCell(i, set.Units.Min(u => Names(u).Min(n => n.Layer)), set.Units))];
        Wholes = [.. sets.SelectMany(s => s.Units).SelectMany(Names).Distinct().Select(name => (Unit)name)];
        foreach (var unit in sets.SelectMany(s => s.Units))
            PatchGrid.CheckPlaces(contrast.Model, contrast.Base, unit, Names(unit)[0]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Axis> Axes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PatchCell> Cells { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Unit> Wholes { get; }

    /// <inheritdoc/>
    public bool[] Differing(ActivationCache source, ActivationCache own)
    {
        using var scope = NewDisposeScope();
        return [.. Cells.Select(cell => cell.Units.Any(unit => Names(unit).Any(name =>
            PatchValues.Into(unit, own[name], source[name], contrast.Base).ne(own[name]).any().cpu().data<bool>().ToArray()[0])))];
    }

    private IReadOnlyList<HookName> Names(Unit unit) => HookBinding.Names(contrast.Model, unit);
}
