namespace Interp;

/// <summary>A grid of units resolved against a model and its prompts: the axes of the result and the experiments.</summary>
internal sealed class PatchGrid
{
    public PatchGrid(Contrast contrast, UnitGrid grid)
        : this(contrast.Model, contrast.Base, grid, (contrast.Clean, contrast.Corrupted))
    {
    }

    /// <summary>A grid over prompts; where there is one prompt, or one of each of a pair, positions carry their tokens.</summary>
    public PatchGrid(HookedTransformer model, RunInput input, UnitGrid grid, (RunInput Clean, RunInput Corrupted) shown)
    {
        Grid = grid;
        Names = [.. HookBinding.Names(model, grid.Unit)];
        var lengths = grid.Axes.Select(a => Length(model, input, a)).ToArray();
        var chosen = grid.Axes.Select((a, i) => PlacesAlong(grid.Unit, input, a, lengths[i])).ToArray();
        List<Axis> axes = grid.Unit.Site.PerLayer ? [new Axis("layer", Names.Select(n => n.Layer.ToString()))] : [];
        for (var i = 0; i < chosen.Length; i++)
            axes.Add(Labels(model, shown, grid.Axes[i], chosen[i]));
        Axes = axes;
        Cells = [.. Enumerate(chosen)];
    }

    public UnitGrid Grid { get; }

    public IReadOnlyList<HookName> Names { get; }

    /// <summary>The axes of the result.</summary>
    public IReadOnlyList<Axis> Axes { get; }

    /// <summary>The experiments, in the result's order.</summary>
    public IReadOnlyList<PatchCell> Cells { get; }

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
            : throw new ArgumentException($"{places} differs from row to row: a grid over '{axis}' needs the same places in every prompt.");
    }

    private static Axis Labels(HookedTransformer model, (RunInput Clean, RunInput Corrupted) shown, string axis, int[] places)
    {
        if (axis is not ("pos" or "query" or "key"))
            return new Axis(axis, places.Select(p => p.ToString()));
        if (shown.Clean.Batch > 1 || model.Tokenizer is null)
            return new Axis(axis, places.Select(p => p.ToString()));
        var (own, other) = (shown.Clean.Rows[0], shown.Corrupted.Rows[0]);
        return new Axis(axis, places.Select(p => own[p] == other[p]
            ? $"{p} {model.TokenText(own[p])}"
            : $"{p} {model.TokenText(own[p])} / {model.TokenText(other[p])}"));
    }

    private IEnumerable<PatchCell> Enumerate(int[][] chosen)
    {
        var index = 0;
        foreach (var name in Names)
        {
            var at = name.Site.PerLayer ? Grid.Unit[name.Layer] : Grid.Unit;
            foreach (var places in Product(chosen))
            {
                var unit = at;
                for (var i = 0; i < places.Length; i++)
                    unit = unit.Along(Grid.Axes[i], places[i]);
                yield return new PatchCell(index++, name.Layer, unit, places);
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
}
