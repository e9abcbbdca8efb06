namespace Interp;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>One block: attention and MLP around the residual stream.</summary>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Block
{
    private readonly bool parallel;
    private IReadOnlyDictionary<Site, ISplice> splices = new Dictionary<Site, ISplice>();

    internal Block(bool parallel, INorm norm1, IAttention attention, INorm? postNorm1, INorm? norm2, IFeedForward? mlp, INorm? postNorm2)
    {
        this.parallel = parallel;
        (Norm1, Attention, PostNorm1, Norm2, Mlp, PostNorm2) = (norm1, attention, postNorm1, norm2, mlp, postNorm2);
    }

    /// <summary>The norm before attention.</summary>
    public INorm Norm1 { get; }

    /// <summary>Attention.</summary>
    public IAttention Attention { get; }

    /// <summary>The norm over attention's output, or none.</summary>
    public INorm? PostNorm1 { get; }

    /// <summary>The norm before the MLP; none on attention-only models.</summary>
    public INorm? Norm2 { get; }

    /// <summary>The MLP; none on attention-only models.</summary>
    public IFeedForward? Mlp { get; }

    /// <summary>The norm over the MLP's output, or none.</summary>
    public INorm? PostNorm2 { get; }

    /// <summary>The norm over the sum of the stream and what attention wrote, or none.</summary>
    public INorm? SumNorm1 { get; internal init; }

    /// <summary>The norm over the sum of the stream and what the MLP wrote, or none.</summary>
    public INorm? SumNorm2 { get; internal init; }

    /// <summary>Whether attention and MLP read the same residual stream.</summary>
    public bool Parallel => parallel;

    /// <summary>The hook points of this block, in the order in which they fire.</summary>
    public IEnumerable<Site> Sites => splices.Count == 0
        ? OwnSites
        : OwnSites.SelectMany(site => splices.TryGetValue(site, out var splice) ? splice.Sites.Prepend(site) : [site]);

    private IEnumerable<Site> OwnSites
    {
        get
        {
            Site[] before = [ResidPre, AttnIn, QInput, KInput, VInput];
            var sites = before.Concat(Norm1.Sites).Append(AttnInput).Concat(Attention.Sites).Concat(PostNorm1?.Sites ?? []).Append(AttnOut)
                .Concat(SumNorm1?.Sites ?? []);
            if (Mlp is not null)
                sites = sites.Concat(parallel ? [MlpIn] : [ResidMid, MlpIn]).Concat(Norm2!.Sites).Append(MlpInput)
                    .Concat(Mlp.Sites).Concat(PostNorm2?.Sites ?? []).Append(MlpOut)
                    .Concat(SumNorm2?.Sites ?? []);
            return sites.Append(ResidPost);
        }
    }

    /// <summary>The residual stream after the block.</summary>
    /// <param name="run">The pass in progress.</param>
    /// <param name="layer">The block's number.</param>
    /// <param name="x">The residual stream before it, [batch, pos, d_model].</param>
    /// <returns>[batch, pos, d_model].</returns>
    public Tensor Forward(ForwardContext run, int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        x = run.Emit(ResidPre, layer, x);
        var attention = AttentionPart(run, layer, x);
        if (Mlp is null)
            return run.Emit(ResidPost, layer, Sum(run, layer, SumNorm1, x, attention)).MoveToOuterDisposeScope();
        if (parallel)
            return run.Emit(ResidPost, layer, x + attention + MlpPart(run, layer, x)).MoveToOuterDisposeScope();
        var mid = run.Emit(ResidMid, layer, Sum(run, layer, SumNorm1, x, attention));
        return run.Emit(ResidPost, layer, Sum(run, layer, SumNorm2, mid, MlpPart(run, layer, mid))).MoveToOuterDisposeScope();
    }

    /// <summary>What it is made of.</summary>
    public override string ToString() => Mlp is null ? $"block of {Attention}" : $"block of {Attention} and {Mlp}{(Parallel ? ", side by side" : "")}";

    /// <summary>The same block with other sublayers.</summary>
    internal Block With(IAttention attention, IFeedForward? mlp) =>
        new(parallel, Norm1, attention, PostNorm1, Norm2, mlp, PostNorm2) { SumNorm1 = SumNorm1, SumNorm2 = SumNorm2 };

    /// <summary>The same block with something behind hook points.</summary>
    internal Block With(IReadOnlyDictionary<Site, ISplice> behind) =>
        behind.Count == 0 ? this : new Block(parallel, Norm1, Attention, PostNorm1, Norm2, Mlp, PostNorm2) { splices = behind };

    /// <summary>What attention adds to the residual stream.</summary>
    internal Tensor AttentionPart(ForwardContext run, int layer, Tensor x)
    {
        var (query, key, value) = run.Hears(QInput, layer) || run.Hears(KInput, layer) || run.Hears(VInput, layer) || run.Hears(AttnIn, layer)
            ? SplitInputs(run, layer, x)
            : SharedInputs(run, layer, x);
        var output = Attention.Forward(run, layer, query, key, value);
        output = PostNorm1?.Forward(run, layer, output) ?? output;
        return run.Emit(AttnOut, layer, output);
    }

    /// <summary>What the MLP adds to the residual stream.</summary>
    internal Tensor MlpPart(ForwardContext run, int layer, Tensor x)
    {
        var normed = run.Emit(MlpInput, layer, Norm2!.Forward(run, layer, run.Emit(MlpIn, layer, x)));
        var output = Mlp!.Forward(run, layer, normed);
        output = PostNorm2?.Forward(run, layer, output) ?? output;
        return run.Emit(MlpOut, layer, output);
    }

    private (Tensor Query, Tensor Key, Tensor Value) SharedInputs(ForwardContext run, int layer, Tensor x)
    {
        var value = run.Emit(AttnInput, layer, Norm1.Forward(run, layer, x));
        if (run.ShortformerPositions is null)
            return (value, value, value);
        var positioned = value + run.ShortformerPositions;
        return (positioned, positioned, value);
    }

    // Each head reads its own copy of the residual stream: computed only when somebody listens to the copies.
    private (Tensor Query, Tensor Key, Tensor Value) SplitInputs(ForwardContext run, int layer, Tensor x)
    {
        var (heads, kvHeads) = (run.Config.Heads, run.Config.KvHeads);
        var (query, key, value) = (Copies(x, heads), Copies(x, kvHeads), Copies(x, kvHeads));
        if (run.Hears(AttnIn, layer))
        {
            if (heads != kvHeads)
                throw new InvalidOperationException(
                    $"{AttnIn} gives queries, keys and values one copy per head, but this model has {heads} query heads and {kvHeads} key-value heads. "
                    + "Use QInput, KInput and VInput.");
            query = key = value = run.Emit(AttnIn, layer, query);
        }
        (query, key, value) = (run.Emit(QInput, layer, query), run.Emit(KInput, layer, key), run.Emit(VInput, layer, value));
        EmitShared(run, layer, x);
        (query, key, value) = (Normed(run, layer, query), Normed(run, layer, key), Normed(run, layer, value));
        return run.ShortformerPositions?.unsqueeze(2) is { } positions ? (query + positions, key + positions, value) : (query, key, value);
    }

    // The copies are normed silently; the norm's own hook points show the stream that they share.
    private Tensor Normed(ForwardContext run, int layer, Tensor x) => Norm1 is Norm norm ? norm.Apply(x) : Norm1.Forward(run, layer, x);

    private void EmitShared(ForwardContext run, int layer, Tensor x)
    {
        var heard = Norm1.Sites.Append(AttnInput).Where(site => run.Hears(site, layer)).ToArray();
        if (heard.Length == 0 || Norm1 is not (Norm or NoNorm))
            return;
        if (heard.FirstOrDefault(site => run.Changes(site, layer)) is { } changed)
            throw new InvalidOperationException(
                $"{new HookName(changed, layer)} is to be changed or differentiated in a run that also listens to the heads' own inputs, which do not pass it. Use two runs.");
        run.Emit(AttnInput, layer, Norm1.Forward(run, layer, x));
    }

    private static Tensor Sum(ForwardContext run, int layer, INorm? norm, Tensor x, Tensor written) =>
        norm is null ? x + written : norm.Forward(run, layer, x + written);

    private static Tensor Copies(Tensor x, long count) => x.unsqueeze(2).expand(-1, -1, count, -1); // [batch, pos, count, d_model]
}
