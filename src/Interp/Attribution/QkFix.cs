namespace Interp;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>The change of the attention pattern that exchanged queries or keys make, times the gradient at the pattern.</summary>
/// <remarks>
/// With P the pattern, G its gradient and S' the scores after the exchange. Query: sum over keys of G (softmax(S') - P). Key at j, all else
/// the base's: every query i has its row rescaled by c = 1 / (1 - P_ij + E_ij), E_ij = exp(S'_ij) / Z_i, and the entry j becomes E_ij c; the
/// change of the whole row follows from sum_k G_ik P_ik without forming a pattern for each key.
/// </remarks>
internal sealed class QkFix : IDisposable
{
    private readonly HookedTransformer model;
    private readonly bool queries;
    private readonly Run source;
    private readonly GradientRun own;
    private readonly ForwardContext silent;
    private readonly Site atQuery;
    private readonly Site atKey;

    private readonly bool together;

    /// <summary>Runs source and base.</summary>
    /// <param name="contrast">Prompts and metric.</param>
    /// <param name="grid">What is exchanged.</param>
    /// <param name="plan">The base run whose gradients are taken.</param>
    /// <param name="together">Whether all keys of a head are exchanged at once.</param>
    public QkFix(Contrast contrast, PatchGrid grid, RunPlan plan, bool together = false)
    {
        (model, this.together) = (contrast.Model, together);
        var site = grid.Grid.Unit.Site;
        if (site != Q && site != K)
            throw new ArgumentException($"The query-key fix is for grids over Q or K, not {site}: use Attribute.", nameof(grid));
        if (model.Blocks.Any(b => b.Attention is not Attention))
            throw new ArgumentException($"{model.Config.ModelName} has an attention of its own kind: the query-key fix knows the stock one.", nameof(contrast));
        if (contrast.Base.Mask is not null)
            throw new ArgumentException("The prompts have different lengths: the query-key fix wants prompts of one length.", nameof(contrast));
        queries = site == Q;
        if (together && (queries || !grid.Grid.Unit.Along("pos").IsAll || grid.Grid.Axes.Contains("pos")))
            throw new ArgumentException($"All keys at once are those of a head at every position: use K.ByHead(), not {grid.Grid}.", nameof(grid));
        (atQuery, atKey) = model.Config.Positions == PositionKind.Rotary ? (RotQ, RotK) : (Q, K);
        var layers = grid.Names.Select(n => n.Layer).ToArray();
        source = contrast.SourcePlan.Capture(layers.Select(l => (Unit)new HookName(queries ? atQuery : atKey, l))).WithoutLogits().Run();
        own = plan.Gradients(contrast.Metric, layers.SelectMany(l => new Unit[] { atQuery[l], atKey[l], Pattern[l] }));
        silent = new ForwardContext(model, new ListenerTable(model.Config.Layers)) { Batch = contrast.Base.Batch, Positions = contrast.Base.Length };
    }

    /// <summary>The gradients, to check.</summary>
    public GradientRun Run => own;

    /// <summary>The estimates of one layer, [batch, pos, head, 1] (for keys per key-value head).</summary>
    public Tensor At(HookName name)
    {
        using var scope = NewDisposeScope();
        var layer = name.Layer;
        var attention = (Attention)model.Blocks[layer].Attention;
        var (q, k) = (own.Activations[atQuery[layer]], own.Activations[atKey[layer]]);
        var (pattern, gradient) = (own.Activations[Pattern[layer]], own.Gradients[Pattern[layer]]); // [batch, head, query, key]
        var bias = silent.AttentionBias(layer, q);
        var estimate = queries || together
            ? ((Attention.Softmax(Exchanged(attention, q, k, layer, bias), null) - pattern) * gradient).sum(-1) // [batch, head, query]
            : Keys(attention.Scores(q, k, bias), attention.Scores(q, source.Cache[atKey[layer]], bias), pattern, gradient); // [batch, head, key]
        if (!queries)
            estimate = estimate.unflatten(1, [model.Config.KvHeads, model.Config.Heads / model.Config.KvHeads]).sum(2); // [batch, kv_head, key]
        return estimate.transpose(1, 2).unsqueeze(-1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        source.Dispose();
        own.Dispose();
        silent.RowsChanged();
    }

    private Tensor Exchanged(Attention attention, Tensor q, Tensor k, int layer, Tensor? bias) =>
        queries ? attention.Scores(source.Cache[atQuery[layer]], k, bias) : attention.Scores(q, source.Cache[atKey[layer]], bias);

    private static Tensor Keys(Tensor scores, Tensor exchanged, Tensor pattern, Tensor gradient)
    {
        var entry = (exchanged - scores.logsumexp(-1, keepdim: true)).exp(); // E, [batch, head, query, key]; 0 where masked
        var rescale = (1 - pattern + entry).reciprocal(); // c
        var row = (gradient * pattern).sum(-1, keepdim: true); // [batch, head, query, 1]
        var change = (rescale - 1) * (row - gradient * pattern) + gradient * (entry * rescale - pattern);
        return change.sum(-2);
    }
}
