namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Runs the prompts in batches and gathers the rows of features of every place of the grids.</summary>
/// <remarks>
/// 1. Resolve which columns of each prompt are read; padding is an error unless a span is pooled. 2. Run some prompts at a time as far as the deepest
/// site. 3. Take each place's part, gather its columns, pool. 4. Join the batches, and the places of several grids along the features.
/// </remarks>
internal sealed class FeatureReader
{
    private readonly ProbePlan plan;
    private readonly PatchGrid[] grids;
    private readonly int[][][][] columns; // [grid][cell][prompt][place]

    public FeatureReader(ProbePlan plan)
    {
        this.plan = plan;
        grids = [.. plan.Grids.Select(g => new PatchGrid(Model, Input, g, (Input, Input)))];
        if (grids.FirstOrDefault(g => g.Cells.Count != grids[0].Cells.Count) is { } other && !plan.AsOne)
            throw new ArgumentException($"{other.Grid} has {other.Cells.Count} places and {grids[0].Grid} has {grids[0].Cells.Count}: read them jointly, or give grids of equal size.");
        foreach (var grid in grids)
            if (!grid.Grid.Unit.Site.Axes.Take(2).SequenceEqual(["batch", "pos"]))
                throw new ArgumentException($"Probes read sites with axes [batch, pos, ..]; {grid.Grid.Unit.Site} has [{string.Join(", ", grid.Grid.Unit.Site.Axes)}].");
        if (grids.FirstOrDefault(g => g.Cells.Any(c => c.Units.Length > 1)) is { } window)
            throw new ArgumentException($"{window.Grid} patches several layers at a place; a probe reads one activation. Read layers together with And or Jointly.");
        columns = [.. grids.Select(g => g.Cells.Select(ColumnsOf).ToArray())];
    }

    private HookedTransformer Model => plan.Run.Model;

    private RunInput Input => plan.Run.Input;

    public ProbeFeatures Read(IProgress<int>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var parts = grids.Select(g => g.Cells.Select(_ => new List<Tensor>()).ToArray()).ToArray();
        for (var start = 0; start < Input.Batch; start += Step())
        {
            var count = Math.Min(Step(), Input.Batch - start);
            Read(start, count, parts, cancellation);
            progress?.Report(start + count);
        }
        var cells = grids.Select((_, g) => parts[g].Select(p => cat(p, 0)).ToArray()).ToArray(); // [grid][cell]: [rows, features]
        var joined = plan.AsOne
            ? [cat([.. cells.SelectMany(c => c)], 1)]
            : Enumerable.Range(0, cells[0].Length).Select(i => cells.Length == 1 ? cells[0][i] : cat([.. cells.Select(c => c[i])], 1)).ToArray();
        return new ProbeFeatures(plan, plan.AsOne ? [new Axis("features", ["all"])] : grids[0].Axes, Data(joined), Keys());
    }

    private int Step() => plan.Run is { StartResidual: null, ContinuousInput: null, PastKeysValues: null } ? plan.BatchSize : Input.Batch;

    private void Read(int start, int count, List<Tensor>[][] parts, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var sites = grids.Select(g => g.Grid.Unit.Site.PerLayer ? Unit.Of(g.Grid.Unit.Site).AtLayers(g.Grid.Unit.Layers) : g.Grid.Unit.Site);
        var part = plan.Run with { Input = count == Input.Batch ? Input : Input.Slice(start, count), Captures = [.. sites] };
        using var run = part.WithoutLogits().Run(cancellation);
        for (var g = 0; g < grids.Length; g++)
            for (var c = 0; c < grids[g].Cells.Count; c++)
            {
                var cell = grids[g].Cells[c];
                var whole = run.Cache[new HookName(cell.Unit.Site, cell.Layer)];
                var narrowed = Selection.Resolve(cell.Unit.Along("pos", Indices.All), whole.shape, part.Input, 0, false)!.Read(whole);
                parts[g][c].Add(Rows(narrowed.dim() > 3 ? narrowed.flatten(2) : narrowed, columns[g][c].AsSpan(start, count).ToArray()).MoveToOuterDisposeScope());
            }
    }

    // x: [batch, pos, features]
    private Tensor Rows(Tensor x, int[][] places)
    {
        using var scope = NewDisposeScope();
        x = x.dim() == 2 ? x.unsqueeze(-1) : x;
        if (plan.Labels.ArePerToken)
        {
            var flat = places.SelectMany((p, row) => p.Select(column => (long)row * x.shape[1] + column)).ToArray();
            return x.flatten(0, 1).index_select(0, tensor(flat, device: x.device)).MoveToOuterDisposeScope(); // [rows, features]
        }
        var width = places[0].Length;
        if (places.All(p => p.Length == width))
        {
            var flat = places.SelectMany((p, row) => p.Select(column => (long)row * x.shape[1] + column)).ToArray();
            var spans = x.flatten(0, 1).index_select(0, tensor(flat, device: x.device)).view(places.Length, width, -1); // [batch, place, features]
            return Pooled(spans).MoveToOuterDisposeScope();
        }
        var rows = places.Select((p, row) => Pooled(x[row].index_select(0, tensor(Array.ConvertAll(p, c => (long)c), device: x.device)).unsqueeze(0)));
        return cat([.. rows], 0).MoveToOuterDisposeScope();
    }

    private Tensor Pooled(Tensor spans) => plan.Pooled switch
    {
        Pooling.Mean => spans.mean([1L]),
        Pooling.Max => spans.amax(1L),
        Pooling.Last => spans.select(1, spans.shape[1] - 1),
        _ => spans.select(1, 0),
    };

    private ProbeData[] Data(Tensor[] features)
    {
        var rows = RowPrompts();
        int[]? groups = plan.GroupOf is { } given ? [.. rows.Select(r => given[r])] : plan.Labels.ArePerToken ? rows : null;
        return [.. features.Select((f, i) => new ProbeData(f.MoveToOuterDisposeScope(), plan.Labels, groups)
        {
            Name = plan.AsOne ? string.Join(" and ", grids.Select(g => g.Grid)) : string.Join(" and ", grids.Select(g => g.Cells[i].Unit)),
        })];
    }

    private int[] RowPrompts() => plan.Labels.Tokens is { } tokens ? [.. tokens.Select(t => t.Prompt)] : [.. Enumerable.Range(0, Input.Batch)];

    // The types of the control task for each place of the result; null where there are none.
    private int[]?[] Keys()
    {
        var count = plan.AsOne ? 1 : grids[0].Cells.Count;
        if (plan.KeyOf is { } given)
            return [.. Enumerable.Repeat(RowPrompts().Select(r => given[r]).ToArray(), count)];
        if (!plan.Labels.ArePerToken && (plan.AsOne || plan.Pooled != Pooling.None))
            return new int[]?[count];
        return [.. columns[0].Take(count).Select(cell => cell.SelectMany((places, row) => places.Select(column => Input.TokenAt(row, column)!.Value)).ToArray())];
    }

    private int[][] ColumnsOf(PatchCell cell)
    {
        var places = cell.Unit.Along("pos");
        if (plan.Labels.Tokens is { } tokens)
            return places.IsAll ? TokenColumns(tokens) : throw new ArgumentException($"Labels belong to tokens, and {cell.Unit} names positions: leave the positions to the labels.");
        var found = Input.Columns(places);
        var result = new int[Input.Batch][];
        for (var row = 0; row < Input.Batch; row++)
        {
            result[row] = places.IsAll ? [.. found[row].Where(c => Input.TokenAt(row, c) is not null)] : found[row];
            if (result[row].Length == 0)
                throw new ArgumentException($"{places} selects nothing in prompt {row}.");
            if (plan.Pooled == Pooling.None && result[row].Length > 1)
                throw new ArgumentException($"{cell.Unit} is {result[row].Length} positions of prompt {row}: name one (At), take them apart (ByPosition), pool them (Pool), or label tokens (ProbeLabels.OfTokens).");
            if (Array.FindIndex(result[row], c => Input.TokenAt(row, c) is null) is var padding and >= 0)
                throw new ArgumentException($"Position {result[row][padding]} of prompt {row} is padding: it has {Input.Rows[row].Length} tokens of {Input.Length}. Name positions that every prompt has, or a role.");
        }
        return result;
    }

    // Rows come prompt by prompt, in the order of the labels.
    private int[][] TokenColumns((int Prompt, int Place)[] tokens)
    {
        var result = Enumerable.Range(0, Input.Batch).Select(_ => new List<int>()).ToArray();
        foreach (var (prompt, place) in tokens)
        {
            if (prompt >= Input.Batch || place >= Input.Rows[prompt].Length)
                throw new ArgumentException($"There is a label for token {place} of prompt {prompt}, and {(prompt < Input.Batch ? $"that prompt has {Input.Rows[prompt].Length} tokens" : $"there are {Input.Batch} prompts")}.");
            result[prompt].Add(Input.Column(prompt, place));
        }
        return [.. result.Select(r => r.ToArray())];
    }
}
