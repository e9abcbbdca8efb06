namespace Interp;

using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A grid of units resolved against a model and its prompts: the axes of the result and the experiments.</summary>
internal sealed class PatchGrid : IPatchCells
{
    private readonly int[][] chosen;
    private readonly int width;

    public PatchGrid(Contrast contrast, UnitGrid grid)
        : this(contrast.Model, contrast.Base, grid, (contrast.Clean, contrast.Corrupted))
    {
    }

    /// <summary>A grid over prompts; positions carry their tokens where prompts are equally long.</summary>
    public PatchGrid(HookedTransformer model, RunInput input, UnitGrid grid, (RunInput Clean, RunInput Corrupted) shown)
    {
        (Grid, width) = (grid, grid.Width);
        Names = [.. HookBinding.Names(model, grid.Unit)];
        CheckPlaces(model, input, grid.Unit, Names[0]);
        var along = grid.Axes;
        var lengths = along.Select(a => Length(model, input, a)).ToArray();
        chosen = [.. along.Select((a, i) => PlacesAlong(grid.Unit, input, a, lengths[i]))];
        List<Axis> axes = grid.Unit.Site.PerLayer ? [new Axis("layer", Names.Select(n => n.Layer.ToString()))] : [];
        for (var i = 0; i < chosen.Length; i++)
            axes.Add(Labels(model, shown, along[i], chosen[i]));
        if (!grid.Roles.IsDefault)
            axes.Add(new Axis("role", RoleNames(input)));
        Axes = axes;
        Cells = [.. Enumerate(input)];
    }

    public UnitGrid Grid { get; }

    public IReadOnlyList<HookName> Names { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Axis> Axes { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PatchCell> Cells { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Unit> Wholes => [Grid.Unit.Site.PerLayer ? Unit.Of(Grid.Unit.Site).AtLayers(Grid.Unit.Layers) : Grid.Unit.Site];

    /// <inheritdoc/>
    public bool[] Differing(ActivationCache source, ActivationCache own)
    {
        if (!Grid.Roles.IsDefault)
            return [.. Cells.Select(_ => true)]; // places may differ from row to row: not told apart
        using var scope = NewDisposeScope();
        var flags = Names.Select(name => Differs(source[name], own[name], name.Site)).ToArray();
        var alone = cat(flags, 0).cpu().data<bool>().ToArray(); // one transfer for the whole grid
        var (layers, each) = (Names.Count, alone.Length / Names.Count);
        return [.. Enumerable.Range(0, alone.Length).Select(i => Window(i / each).Any(layer => alone[layer * each + i % each]))];
    }

    /// <summary>Refuses places that a model or its prompts do not have, before anything runs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place; the message says how many there are.</exception>
    public static void CheckPlaces(HookedTransformer model, RunInput input, Unit unit, HookName at)
    {
        foreach (var axis in unit.Site.Axes.Where(a => a != "batch" && !unit.Along(a).IsAll))
        {
            if (unit.Along(axis).IsPerRow)
            {
                _ = input.Columns(unit.Along(axis)); // names the roles there are
                continue;
            }
            var length = (int)CaptureSize.AxisLength(model, input, 0, axis, at);
            try
            {
                _ = unit.Along(axis).Resolve(length, axis);
            }
            catch (ArgumentOutOfRangeException) when (axis == "kv_head")
            {
                throw new ArgumentOutOfRangeException(nameof(unit),
                    $"No key-value head {unit.Along(axis)} for {unit.Site}: {model.Config.ModelName} has {length} for {model.Config.Heads} query heads; "
                    + $"query head h reads key-value head h / {model.Config.Heads / length}.");
            }
        }
    }

    // The places in Names of the layers that are patched together with one.
    private IEnumerable<int> Window(int layer)
    {
        var first = Math.Max(layer - width / 2, 0);
        return Enumerable.Range(first, Math.Min(layer - width / 2 + width, Names.Count) - first);
    }

    private int Length(HookedTransformer model, RunInput input, string axis)
    {
        var lengths = Names.Select(name => CaptureSize.AxisLength(model, input, 0, axis, name)).Distinct().ToArray();
        return lengths.Length == 1
            ? (int)lengths[0]
            : throw new ArgumentException($"'{axis}' of {Grid.Unit} is {string.Join(" or ", lengths)} long, as the layer is: name one layer.");
    }

    private static int[] PlacesAlong(Unit unit, RunInput input, string axis, int length)
    {
        var places = unit.Along(axis);
        if (!places.IsPerRow)
            return places.Resolve(length, axis);
        var columns = input.Columns(places);
        return columns.All(c => c.SequenceEqual(columns[0]))
            ? columns[0]
            : throw new ArgumentException($"{places} differs from row to row: a grid over '{axis}' needs the same places in every prompt. Take it apart by role instead: ByRole().");
    }

    private static Axis Labels(HookedTransformer model, (RunInput Clean, RunInput Corrupted) shown, string axis, int[] places)
    {
        ImmutableArray<int>[] rows = [.. shown.Clean.Rows, .. shown.Corrupted.Rows];
        if (axis is not ("pos" or "query" or "key") || model.Tokenizer is null || rows.Any(row => row.Length != shown.Clean.Length))
            return new Axis(axis, places.Select(p => p.ToString()));
        // The first clean prompt's token, the first corrupted one's where it is another, and a sign that others have more.
        return new Axis(axis, places.Select(p =>
        {
            int[] tokens = [.. new[] { rows[0][p], rows[shown.Clean.Rows.Length][p] }.Distinct()];
            return $"{p} {string.Join(" / ", tokens.Select(model.TokenText))}{(rows.All(row => tokens.Contains(row[p])) ? "" : " / …")}";
        }));
    }

    private IEnumerable<string> RoleNames(RunInput input) => Grid.Roles.IsEmpty ? [.. input.RoleNames, "last"] : Grid.Roles;

    private IEnumerable<PatchCell> Enumerate(RunInput input)
    {
        var index = 0;
        string?[] roles = Grid.Roles.IsDefault ? [null] : [.. RoleNames(input)];
        for (var layer = 0; layer < Names.Count; layer++)
        {
            var name = Names[layer];
            var at = !name.Site.PerLayer ? Grid.Unit
                : width == 1 ? Grid.Unit[name.Layer]
                : Grid.Unit.AtLayers(Window(layer).Select(l => Names[l].Layer).ToArray());
            var first = name.Site.PerLayer ? Names[Window(layer).First()].Layer : -1;
            foreach (var places in Product(chosen))
            {
                var unit = at;
                for (var i = 0; i < places.Length; i++)
                    unit = unit.Along(Grid.Axes[i], places[i]);
                foreach (var role in roles)
                    yield return new PatchCell(index++, first, [role is null ? unit : unit.At(input.PlacesOf(role))]);
            }
        }
    }

    private static IEnumerable<int[]> Product(int[][] chosen)
    {
        IEnumerable<int[]> result = [[]];
        foreach (var places in chosen)
            result = result.SelectMany(prefix => places.Select(p => (int[])[.. prefix, p]));
        return result;
    }

    // For each place of one layer whether any value differs, [places]; axes that only the unit narrows are taken whole, which may run too much.
    private Tensor Differs(Tensor source, Tensor own, Site site)
    {
        var unequal = source.ne(own);
        for (var axis = site.Axes.Length - 1; axis >= 0; axis--)
        {
            if (!Grid.Axes.Contains(site.Axes[axis]))
                unequal = unequal.any(axis);
        }
        // What is left of the site's axes is in the site's order; the result wants the grid's.
        var left = site.Axes.Where(a => Grid.Axes.Contains(a)).ToArray();
        if (left.Length == 0)
            return unequal.reshape(1);
        unequal = unequal.permute([.. Grid.Axes.Select(a => (long)Array.IndexOf(left, a))]);
        for (var i = 0; i < Grid.Axes.Length; i++)
            unequal = unequal.index_select(i, tensor(chosen[i].Select(p => (long)p).ToArray(), device: unequal.device));
        return unequal.flatten();
    }
}
