namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Patching of directions and subspaces.</summary>
public static class SubspaceExtensions
{
    /// <summary>Patches a subspace at each unit of a grid in turn: x + P (source - x).</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grid">What is patched, such as <c>ResidPost.ByPosition()</c>; the subspace lies in the site's last axis.</param>
    /// <param name="subspace">The subspace.</param>
    /// <param name="progress">Receives the number of units done.</param>
    /// <param name="cancellation">Ends the sweep between two passes.</param>
    /// <exception cref="ArgumentException">The subspace does not fit the site.</exception>
    public static PatchResult Patch(
        this Contrast contrast, UnitGrid grid, Subspace subspace, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        contrast.Patch(grid, PatchOptions.Default with { Within = subspace }, progress, cancellation);

    /// <summary>Patches a subspace at one unit and, as a null, random subspaces of the same size.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="unit">One activation, whole or narrowed: <c>ResidPost[2].At(Position.Last)</c>.</param>
    /// <param name="subspace">The subspace of its last axis.</param>
    /// <param name="randoms">How many random subspaces.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <exception cref="ArgumentException">The unit means several layers, or the subspace does not fit it.</exception>
    public static SubspaceEffect Patch(
        this Contrast contrast, Unit unit, Subspace subspace, int randoms = 20, long seed = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(subspace);
        ArgumentOutOfRangeException.ThrowIfNegative(randoms);
        contrast.CheckAligned("A subspace at one unit");
        using var runs = new SubspaceRuns(contrast.BasePlan, contrast.SourcePlan, contrast.Metric, unit, cancellation);
        return runs.Effect(subspace, randoms, seed);
    }

    /// <summary>Puts another run's values in place within a subspace: x + P (source - x).</summary>
    /// <param name="plan">The run.</param>
    /// <param name="unit">Where.</param>
    /// <param name="subspace">The subspace of the unit's last axis.</param>
    /// <param name="source">The unit's shape, or one that broadcasts to it. It stays the caller's.</param>
    public static RunPlan Patch(this RunPlan plan, Unit unit, Subspace subspace, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(subspace);
        return plan.Intervene(unit, subspace.Patch(source));
    }

    /// <summary>Whether the effect of patching a direction is carried by the direction, or is an illusion.</summary>
    /// <remarks>
    /// Makelov, Lange and Nanda 2023. 1. Split the direction into the part that the next weight reads (its row space) and the part it does not
    /// (its null space). 2. Patch the direction and each part alone, each along its own unit vector. 3. A direction that carries the effect
    /// keeps it in the part that is read. In an illusion that part alone does little: the direction's null part, which varies with the input and
    /// is read by nobody, moved a part that is read and does not vary by itself.
    /// The weight must be the one that reads the unit, before anything downstream adds its outputs up: W_out for MLP neurons, W_O for a head's z.
    /// </remarks>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="unit">One activation.</param>
    /// <param name="direction">[width]. It stays the caller's.</param>
    /// <param name="nextWeight">[width, outputs], what reads the unit; null takes W_out for <c>mlp.hook_post</c> and W_O for one head of <c>attn.hook_z</c>.</param>
    /// <param name="randoms">How many random directions give the null.</param>
    /// <param name="seed">Their seed.</param>
    /// <param name="cancellation">Ends between two passes.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the weight must be given.</exception>
    public static IllusionCheck CheckIllusion(
        this Contrast contrast, Unit unit, Tensor direction, Tensor? nextWeight = null, int randoms = 20, long seed = 0, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weight = (nextWeight ?? Next(contrast.Model, unit)).detach().to(ScalarType.Float64).cpu();
        var whole = direction.detach().to(ScalarType.Float64).cpu();
        new Shape().Bind(whole, "width", nameof(direction)).Bind(weight, "width outputs", nameof(nextWeight));
        var unitVector = whole / whole.norm();
        var (u, s, _) = linalg.svd(weight, fullMatrices: false);
        var read = u.index_select(1, (s > s.max() * 1e-10).nonzero().flatten()); // [width, rank]
        var row = read.matmul(read.t().mv(unitVector));
        contrast.CheckAligned("A subspace at one unit");
        using var runs = new SubspaceRuns(contrast.BasePlan, contrast.SourcePlan, contrast.Metric, unit, cancellation);
        return IllusionCheck.Of(runs, unitVector, row, randoms, seed);
    }

    private static Tensor Next(HookedTransformer model, Unit unit)
    {
        var layers = HookBinding.Names(model, unit);
        var places = unit.Site.Axis("head") >= 0 ? unit.Along("head") : Indices.All;
        if (layers.Count == 1 && unit.Site == Sites.MlpPost && unit.Along("d_mlp").IsAll)
            return model.WOut(layers[0].Layer);
        if (layers.Count == 1 && unit.Site == Sites.Z && places.IsSingle)
            return model.WO(layers[0].Layer)[places.Resolve(model.Config.Heads, "head")[0]];
        throw new ArgumentException($"Several weights may read {unit}: give the next weight, [width, outputs].");
    }
}
