namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Gradient times difference (or activation), gathered into the cells of grids.</summary>
/// <remarks>
/// 1. Run the base forward with the graph, and backward once from the mean metric. 2. Run the source, keeping every site that a grid names, laid out
/// as the base is where the two are aligned by role. 3. Per layer and site, multiply gradient and difference. 4. Narrow to the unit, sum over all axes but batch and the grid's.
/// 5. Times the number of prompts: the metric is a mean, and a prompt's own metric depends on its own row alone.
/// </remarks>
internal static class AttributionSweep
{
    public static IReadOnlyList<AttributionResult> Differences(Contrast contrast, IReadOnlyList<UnitGrid> units)
    {
        using var scope = NewDisposeScope();
        var (grids, whole) = Resolve(contrast, units);
        using var gradients = contrast.BasePlan.Gradients(contrast.Metric, whole);
        gradients.CheckDifferentiable(contrast.Metric);
        using var noGradient = no_grad();
        var (source, metric) = new ContrastSource(contrast).Read(whole, gradients.Activations, CancellationToken.None);
        using var values = source;
        var (own, other) = (gradients.Metric.mean().ToDouble(), metric!.Average());
        var (clean, corrupted) = contrast.Direction == Direction.Denoising ? (other, own) : (own, other);
        return [.. grids.Select(grid => new AttributionResult(
            contrast, grid, "attribution patching", Gathered(contrast, grid, gradients, values), clean, corrupted))];
    }

    /// <summary>Queries or keys with the softmax recomputed.</summary>
    public static AttributionResult QkFixed(Contrast contrast, UnitGrid units, bool together)
    {
        contrast.CheckAligned("The query-key fix");
        using var scope = NewDisposeScope();
        var grid = new PatchGrid(contrast, units);
        using var fix = new QkFix(contrast, grid, contrast.BasePlan, together);
        fix.Run.CheckDifferentiable(contrast.Metric);
        using var noGradient = no_grad();
        var (clean, corrupted) = (contrast.CleanMetric().Average(), contrast.CorruptedMetric().Average());
        return new AttributionResult(contrast, grid, "AtP*, query-key fix", Gathered(contrast, grid, fix.At), clean, corrupted);
    }

    /// <summary>GradDrop: estimates with the gradient through one layer's sublayers stopped, for each layer in turn.</summary>
    public static GradDropResult GradDropped(Contrast contrast, UnitGrid units, bool qkFix, IProgress<int>? progress, CancellationToken cancellation)
    {
        contrast.CheckAligned("GradDrop");
        using var scope = NewDisposeScope();
        var grid = new PatchGrid(contrast, units);
        var layers = contrast.Model.Config.Layers;
        if (layers < 2)
            throw new ArgumentException($"{contrast.Model.Config.ModelName} has one layer: GradDrop stops each other layer's gradient in turn. Use Attribute.", nameof(contrast));
        var fixable = qkFix && (grid.Grid.Unit.Site == Sites.Q || grid.Grid.Unit.Site == Sites.K);
        Unit[] whole = [.. grid.Names.Select(n => (Unit)n)];
        using var source = fixable ? null : contrast.SourcePlan.Capture(whole).WithoutLogits().Run();
        var estimates = new List<double[,]>();
        for (var dropped = 0; dropped < layers; dropped++)
        {
            cancellation.ThrowIfCancellationRequested();
            estimates.Add(Dropped(contrast, grid, whole, source, dropped));
            progress?.Report(estimates.Count);
        }
        return new GradDropResult(contrast, grid, fixable ? "AtP*, query-key fix and GradDrop" : "attribution with GradDrop", estimates);
    }

    // source: null to recompute the softmax.
    private static double[,] Dropped(Contrast contrast, PatchGrid grid, Unit[] whole, Run? source, int layer)
    {
        using var scope = NewDisposeScope();
        var plan = contrast.BasePlan.ScaleGradient(Sites.AttnOut[layer], 0);
        if (!contrast.Model.Config.AttentionOnly)
            plan = plan.ScaleGradient(Sites.MlpOut[layer], 0);
        if (source is null)
        {
            using var fix = new QkFix(contrast, grid, plan);
            using var quiet = no_grad();
            return Gathered(contrast, grid, fix.At);
        }
        using var gradients = plan.Gradients(contrast.Metric, whole);
        using var noGradient = no_grad();
        // What a sublayer writes is behind the place where its own gradient is stopped.
        return Gathered(contrast, grid, name => name.Layer == layer && (name.Site == Sites.AttnOut || name.Site == Sites.MlpOut)
            ? zeros_like(gradients.Gradients[name])
            : Product(gradients, source.Cache, name));
    }

    public static AttributionResult Activations(RunPlan plan, Metric metric, UnitGrid units)
    {
        if (!plan.VariantList.IsEmpty)
            throw new ArgumentException($"The plan holds {plan.VariantList.Length} variants: attribute to one at a time.", nameof(plan));
        using var scope = NewDisposeScope();
        var contrast = new Contrast(plan.Model, plan.Input, plan.Input, metric).Noising();
        var (grids, whole) = Resolve(contrast, [units]);
        using var gradients = plan.Gradients(metric, whole);
        gradients.CheckDifferentiable(metric);
        using var noGradient = no_grad();
        var value = gradients.Metric.mean().ToDouble();
        return new AttributionResult(contrast, grids[0], "gradient times activation", Gathered(contrast, grids[0], gradients, null), value, value);
    }

    private static (PatchGrid[] Grids, Unit[] Whole) Resolve(Contrast contrast, IReadOnlyList<UnitGrid> units)
    {
        if (units.Count == 0)
            throw new ArgumentException("There is nothing to attribute to: give at least one grid, such as Z.ByHead().", nameof(units));
        PatchGrid[] grids = [.. units.Select(u => new PatchGrid(contrast, u))];
        return (grids, [.. grids.SelectMany(g => g.Names).Distinct().Select(n => (Unit)n)]);
    }

    private static double[,] Gathered(Contrast contrast, PatchGrid grid, GradientRun gradients, ActivationCache? source) =>
        Gathered(contrast, grid, name => Product(gradients, source, name));

    private static double[,] Gathered(Contrast contrast, PatchGrid grid, Func<HookName, Tensor> product)
    {
        if (!grid.Grid.Roles.IsDefault || grid.Grid.Width > 1)
            throw new NotSupportedException($"Attribution takes units one by one and by position: {grid.Grid} can be patched.");
        using var scope = NewDisposeScope();
        var prompts = contrast.Base.Batch;
        var layers = grid.Names.Select(name => PerCell(contrast.Base, grid, product(name))); // each [batch, cells of the layer]
        var values = (cat(layers.ToArray(), 1).t() * prompts).Doubles(); // [cells, batch]
        var result = new double[grid.Cells.Count, prompts];
        for (var i = 0; i < values.Length; i++)
            result[i / prompts, i % prompts] = values[i];
        return result;
    }

    // Scores are -inf where masked, in both runs: no difference there.
    private static Tensor Product(GradientRun gradients, ActivationCache? source, HookName name)
    {
        using var scope = NewDisposeScope();
        var (gradient, own) = (gradients.Gradients[name], gradients.Activations[name]);
        if (source is null)
            return (gradient * own.masked_fill(own.isinf(), 0)).MoveToOuterDisposeScope();
        var other = source[name];
        return (gradient * (other - own).masked_fill(other.eq(own), 0)).MoveToOuterDisposeScope();
    }

    private static Tensor PerCell(RunInput input, PatchGrid grid, Tensor product)
    {
        using var scope = NewDisposeScope();
        var (unit, axes) = (grid.Grid.Unit, grid.Grid.Axes);
        var left = unit.Site.Axes.ToList();
        for (var axis = left.Count - 1; axis > 0; axis--)
        {
            product = Narrowed(product, axis, unit.Along(left[axis]), input, unit.Site.Axes[axis]);
            if (axes.Contains(left[axis]))
                continue;
            product = product.sum(dim: axis);
            left.RemoveAt(axis);
        }
        return product.permute([0, .. axes.Select(a => (long)left.IndexOf(a))]).reshape(input.Batch, -1).MoveToOuterDisposeScope(); // [batch, cells]
    }

    // Places that differ from row to row become a mask: what lies outside counts nothing.
    private static Tensor Narrowed(Tensor product, int axis, Indices places, RunInput input, string name)
    {
        if (places.IsAll)
            return product;
        if (!places.IsPerRow || Same(input.Columns(places)))
        {
            var chosen = places.IsPerRow ? input.Columns(places)[0] : places.Resolve((int)product.shape[axis], name);
            return product.index_select(axis, tensor(chosen.Select(p => (long)p).ToArray(), device: product.device));
        }
        var (rows, length) = (input.Columns(places), (int)product.shape[axis]);
        var mask = tensor(rows.SelectMany(r => Enumerable.Range(0, length).Select(p => r.Contains(p) ? 1d : 0d)).ToArray(), [rows.Length, length], device: product.device);
        var shape = Enumerable.Repeat(1L, (int)product.dim()).ToArray();
        (shape[0], shape[axis]) = (rows.Length, length);
        return product * mask.to(product.dtype).view(shape);
    }

    private static bool Same(int[][] columns) => columns.All(c => c.SequenceEqual(columns[0]));
}
