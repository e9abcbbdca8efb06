namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>A unit resolved against one activation: reads the part it means and writes into it.</summary>
/// <remarks>
/// 1. Single places and unbroken ranges become views. 2. Broken lists of places become indexed copies. 3. Places that differ from row to
/// row (the last real token, a role) are gathered row by row.
/// </remarks>
internal sealed class Selection
{
    private readonly List<(int Axis, int[] Places, bool Single)> uniform = [];
    private readonly int[][]? perRow;
    private readonly int perRowAxis;

    private Selection(int[][]? perRow, int perRowAxis) => (this.perRow, this.perRowAxis) = (perRow, perRowAxis);

    /// <summary>Whether nothing is narrowed.</summary>
    public bool IsWhole => uniform.Count == 0 && perRow is null;

    /// <summary>Whether rows have different numbers of places, so that they can only be read one by one.</summary>
    public bool IsRagged => perRow is not null && perRow.Any(places => places.Length != perRow[0].Length);

    /// <summary>Resolves a unit.</summary>
    /// <param name="unit">What is meant.</param>
    /// <param name="shape">The activation's shape.</param>
    /// <param name="input">The tokens, for places that differ from row to row.</param>
    /// <param name="past">Positions before the activation's first one (with a key-value cache).</param>
    /// <param name="lenient">Whether places that this pass does not have are passed over instead of being errors.</param>
    /// <param name="complete">Whether it is an error that some of the places lie in the cache, and not only that all do.</param>
    /// <returns>The selection; null when generation has not reached the places meant, or has moved past them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A place is outside its axis.</exception>
    /// <exception cref="ArgumentException">Places lie in the key-value cache, where this pass cannot see or change them.</exception>
    public static Selection? Resolve(Unit unit, long[] shape, RunInput input, int past, bool lenient, bool complete = false)
    {
        int[][]? rows = null;
        var rowAxis = -1;
        List<(int, int[], bool)> narrowed = [];
        for (var axis = unit.Site.Axes.Length - 1; axis >= 0; axis--)
        {
            var name = unit.Site.Axes[axis];
            var places = unit.Along(name);
            if (places.IsAll)
                continue;
            if (places.IsOfText && name is not ("pos" or "query" or "key"))
                throw new ArgumentException($"{places} has a meaning only along positions, not along '{name}' of {unit.Site}.");
            if (!places.IsPerRow)
            {
                if (Here(unit, name, (int)shape[axis], input.PromptLength, past, lenient, complete) is not { } here)
                    return null;
                narrowed.Add((axis, here, places.IsSingle));
                continue;
            }
            if (places.RoleName is not null && past > 0 && lenient)
                return null; // the roles are the prompt's, and generation has moved past it
            var columns = RowPlaces(places, input, (int)shape[0], name == "key" ? past : 0);
            if (columns.All(c => c.SequenceEqual(columns[0])))
                narrowed.Add((axis, columns[0], columns[0].Length == 1));
            else if (rows is not null)
                throw new NotSupportedException($"{unit} has places that differ from row to row along two axes: narrow one of them otherwise.");
            else
                (rows, rowAxis) = (columns, axis);
        }
        var selection = new Selection(rows, rowAxis);
        selection.uniform.AddRange(narrowed);
        return selection;
    }

    /// <summary>The part of an activation, [batch, ..]; a view where that is possible.</summary>
    public Tensor Read(Tensor x)
    {
        var (view, lists, rowAxis) = View(x);
        if (perRow is null)
        {
            foreach (var (axis, places) in lists)
                view = view.index_select(axis, Index(places, x.device));
            return view;
        }
        if (lists.Count > 0)
            throw new NotSupportedException("A unit may combine positions that differ from row to row with ranges along other axes, not with broken lists.");
        var (rows, columns) = RowIndex(x.device);
        var gathered = view.transpose(1, rowAxis).index(rows, columns).transpose(1, rowAxis); // [batch, .., place, ..]
        return columns.shape[1] == 1 ? gathered.squeeze(rowAxis) : gathered;
    }

    /// <summary>Writes values over the part, in place.</summary>
    /// <param name="x">[batch, ..].</param>
    /// <param name="values">The part's shape, or one that broadcasts to it.</param>
    public void Write(Tensor x, Tensor values)
    {
        values = values.to(x.dtype);
        var (view, lists, rowAxis) = View(x);
        if (perRow is not null)
            WriteRows(view, rowAxis, values, x.device);
        else if (lists.Count == 0)
            view.copy_(values.expand(view.shape));
        else
            WriteLists(view, lists, values);
    }

    // Where the places lie in this activation: those in the cache lie before it.
    private static int[]? Here(Unit unit, string axis, int length, int? prompt, int past, bool lenient, bool complete)
    {
        var (places, before) = (unit.Along(axis), axis is "pos" or "query" ? past : 0);
        lenient &= axis is "pos" or "query" or "key";
        var found = lenient ? places.Reached(before + length, prompt) : places.Resolve(before + length, axis, prompt);
        int[] here = [.. found.Where(place => place >= before).Select(place => place - before)];
        if (here.Length == 0 && lenient)
            return null;
        return here.Length == found.Length || (here.Length > 0 && !complete)
            ? here
            : throw new ArgumentException(
                $"{unit} means positions that lie in the key-value cache ({string.Join(", ", found.Where(place => place < before).Take(8))}); this run reads {before}-{before + length - 1}. "
                + "Name them in the run that reads them, before they are cached.");
    }

    // Variants repeat the prompts: their rows have the prompts' places, over and over.
    private static int[][] RowPlaces(Indices places, RunInput input, int rows, int before)
    {
        var columns = input.Columns(places);
        for (var row = 0; row < columns.Length; row++)
            if (columns[row].Length == 0)
                throw new InvalidOperationException($"{places} selects nothing in row {row}.");
        return [.. Enumerable.Range(0, rows).Select(row => Array.ConvertAll(columns[row % columns.Length], column => column + before))];
    }

    private static Tensor Index(int[] places, Device device) => tensor(Array.ConvertAll(places, p => (long)p), device: device);

    private static bool Unbroken(int[] places)
    {
        for (var i = 1; i < places.Length; i++)
            if (places[i] != places[i - 1] + 1)
                return false;
        return true;
    }

    private static void WriteLists(Tensor view, List<(int Axis, int[] Places)> lists, Tensor values)
    {
        var shape = view.shape;
        foreach (var (axis, places) in lists)
            shape[axis] = places.Length;
        var full = values.expand(shape);
        if (lists.Count == 1)
        {
            view.index_copy_(lists[0].Axis, Index(lists[0].Places, view.device), full);
            return;
        }
        var (first, rest) = (lists[0], lists.Skip(1).ToList()); // axes descend: narrowing the first leaves the others in place
        for (var i = 0; i < first.Places.Length; i++)
            WriteLists(view.narrow(first.Axis, first.Places[i], 1), rest, full.narrow(first.Axis, i, 1));
    }

    // Axes are visited from the last to the first, so that dropping one leaves the numbers of those before it.
    private (Tensor View, List<(int Axis, int[] Places)> Lists, int RowAxis) View(Tensor x)
    {
        var (view, rowAxis) = (x, perRowAxis);
        List<(int Axis, int[] Places)> lists = [];
        foreach (var (axis, places, single) in uniform)
        {
            if (single)
            {
                view = view.select(axis, places[0]);
                lists = [.. lists.Select(l => (l.Axis - 1, l.Places))];
                rowAxis = rowAxis > axis ? rowAxis - 1 : rowAxis;
            }
            else if (Unbroken(places))
                view = view.narrow(axis, places[0], places.Length);
            else
                lists.Add((axis, places));
        }
        return (view, lists, rowAxis);
    }

    private (Tensor Rows, Tensor Columns) RowIndex(Device device)
    {
        var count = perRow![0].Length;
        if (perRow.Any(p => p.Length != count))
            throw new InvalidOperationException(
                $"The places differ in number from row to row ({string.Join(", ", perRow.Select(p => p.Length).Distinct())}): pool them or select one place of each.");
        var columns = tensor(perRow.SelectMany(p => p.Select(c => (long)c)).ToArray(), [perRow.Length, count], device: device);
        return (arange(perRow.Length, device: device).unsqueeze(-1), columns); // [batch, 1], [batch, place]
    }

    private void WriteRows(Tensor view, int rowAxis, Tensor values, Device device)
    {
        var (rows, columns) = RowIndex(device);
        var shape = view.shape; // [batch, .., pos, ..]
        shape[rowAxis] = columns.shape[1];
        var full = Aligned(values, columns.shape[1], rowAxis, shape.Length).expand(shape);
        view.transpose(1, rowAxis).index_put_(full.transpose(1, rowAxis), rows, columns);
    }

    // Where each row has a single place, the values have no axis for it: it is put back where it was.
    private static Tensor Aligned(Tensor values, long places, int rowAxis, int rank)
    {
        var behind = rank - 1 - rowAxis; // axes behind the positions
        return places == 1 && values.dim() > behind && values.dim() < rank ? values.unsqueeze((int)values.dim() - behind) : values;
    }
}
