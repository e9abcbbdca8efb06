namespace Interp;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Where and with what values a patch at a site enters the residual stream.</summary>
internal sealed class ResidualEntry
{
    private readonly Contrast contrast;
    private readonly PatchGrid grid;
    private readonly ActivationCache source;
    private readonly ActivationCache own;
    private readonly int firstChanged;

    public ResidualEntry(Contrast contrast, PatchGrid grid, ActivationCache source, ActivationCache own)
    {
        (this.contrast, this.grid, this.source, this.own) = (contrast, grid, source, own);
        firstChanged = contrast.SourcePlan.IsPlain ? FirstChange(contrast.Base, contrast.Source) : 0; // an edited source may differ anywhere
    }

    private HookedTransformer Model => contrast.Model;

    /// <summary>The points of a block at which the stream can be entered.</summary>
    public enum Point
    {
        /// <summary>Before the block.</summary>
        Before,

        /// <summary>Between attention and MLP.</summary>
        Middle,

        /// <summary>After the block.</summary>
        After,
    }

    /// <summary>Whether a site's patches enter the residual stream by a linear map of their values.</summary>
    public static bool Knows(Site site, HookedTransformer model) =>
        site == ResidPre || site == ResidMid || site == ResidPost || site == AttnOut || site == MlpOut
        || ((site == Z || site == Result || site == MlpPost) && !model.Config.PostNorms);

    /// <summary>The streams that hold the base's values where patches at a site enter.</summary>
    public static Site[] Streams(Site site, HookedTransformer model) => At(site, model) switch
    {
        Point.Before => [ResidPre],
        Point.Middle => [ResidMid],
        _ => [ResidPost],
    };

    /// <summary>Where patches at this grid's site enter.</summary>
    public Point Enters => At(grid.Grid.Unit.Site, Model);

    /// <summary>What a patch of the stream before a block puts at its one position, [batch, d_model].</summary>
    public Tensor Changed(PatchCell cell) => source[new HookName(ResidPre, cell.Layer)].select(1, Start(cell));

    /// <summary>
    /// Whether a patch changes the stream before a block at one position: then queries, keys and values of all others are the base's, and
    /// patches join behind attention.
    /// </summary>
    public bool EntersWithOnePosition => Enters == Point.Before && grid.Grid.Axes.Contains("pos");

    /// <summary>The first position that a patch changes.</summary>
    public int Start(PatchCell cell)
    {
        var axis = grid.Grid.Axes.IndexOf("pos");
        return axis < 0 ? firstChanged : cell.Places[axis];
    }

    /// <summary>The patched residual stream from the first changed position on, [batch, pos - start, d_model].</summary>
    /// <param name="cell">The patch.</param>
    /// <param name="stream">The base's residual stream at the point of entry, [batch, pos, d_model].</param>
    public Tensor Values(PatchCell cell, Tensor stream)
    {
        using var scope = NewDisposeScope();
        var (site, start, length) = (cell.Unit.Site, Start(cell), contrast.Base.Length);
        var name = new HookName(site, cell.Layer);
        var single = grid.Grid.Axes.Contains("pos");
        var count = single ? 1 : length - start;
        var theirs = source[name].narrow(1, start, count);
        var entered = site == ResidPre || site == ResidMid || site == ResidPost
            ? theirs
            : stream.narrow(1, start, count) + Written(cell, theirs - own[name].narrow(1, start, count));
        var result = single && start + 1 < length ? cat([entered, stream.narrow(1, start + 1, length - start - 1)], 1) : entered.clone();
        return result.MoveToOuterDisposeScope();
    }

    private static Point At(Site site, HookedTransformer model) =>
        site == ResidPre ? Point.Before
        : site == ResidMid || ((site == AttnOut || site == Z || site == Result) && !model.Config.ParallelBlocks && !model.Config.AttentionOnly) ? Point.Middle
        : Point.After;

    // Positions before the first differing token are equal in both runs.
    private static int FirstChange(RunInput a, RunInput b)
    {
        var first = a.Length;
        for (var row = 0; row < a.Batch; row++)
            for (var i = 0; i < first; i++)
                if (a.Rows[row][i] != b.Rows[row][i])
                    first = i;
        return Math.Min(first, a.Length - 1);
    }

    // What a difference at the site adds to the residual stream, [batch, pos, d_model].
    private Tensor Written(PatchCell cell, Tensor difference)
    {
        var (site, block) = (cell.Unit.Site, Model.Blocks[cell.Layer]);
        if (site == AttnOut || site == MlpOut)
            return difference;
        var place = grid.Grid.Axes.IndexOf(site == MlpPost ? "d_mlp" : "head");
        if (site == MlpPost)
        {
            var down = ((Mlp)block.Mlp!).Weights.Out; // [d_mlp, d_model]
            return place < 0 ? difference.matmul(down) : difference.narrow(2, cell.Places[place], 1) * down[cell.Places[place]];
        }
        var head = place < 0 ? difference : difference.narrow(2, cell.Places[place], 1); // [batch, pos, head, ..]
        if (site == Result)
            return head.sum(2);
        var output = ((Attention)block.Attention).Weights.Output; // [head * d_head, d_model]
        var width = Model.Config.DHead;
        return head.flatten(2).matmul(place < 0 ? output : output.narrow(0, (long)cell.Places[place] * width, width));
    }
}
