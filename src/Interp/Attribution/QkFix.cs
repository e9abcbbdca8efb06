namespace Interp;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>The change of the attention pattern that exchanged queries or keys make, times the gradient at the pattern.</summary>
/// <remarks>
/// With P the pattern, G its gradient and S' the scores after the exchange. Query: sum over keys of G (softmax(S') - P). Key at j, all else
/// the base's: with L_ij the logarithm of the row's sum without key j and M_ij the mean of G over the other keys, P_ij = sigmoid(S_ij - L_ij)
/// becomes sigmoid(S'_ij - L_ij), and the row's change is (G_ij - M_ij) (sigmoid(S'_ij - L_ij) - sigmoid(S_ij - L_ij)): no pattern for each key.
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

    // All but the largest score of a row leave 1 - P without cancellation; what is left without the largest is summed by itself.
    private static Tensor Keys(Tensor scores, Tensor exchanged, Tensor pattern, Tensor gradient)
    {
        var atLargest = arange(scores.shape[^1], device: scores.device).eq(scores.argmax(-1, keepdim: true)); // [batch, head, query, key]
        var without = scores.masked_fill(atLargest, double.NegativeInfinity);
        var rest = 1 - pattern.masked_fill(atLargest, 0); // a row's share without key j
        var others = where(atLargest, without.logsumexp(-1, keepdim: true), scores.logsumexp(-1, keepdim: true) + rest.log()); // L
        var weighted = gradient * pattern;
        var mean = where(atLargest, (without.softmax(-1).nan_to_num() * gradient).sum(dim: -1, keepdim: true), (weighted.sum(dim: -1, keepdim: true) - weighted) / rest); // M
        return ((gradient - mean) * ((exchanged - others).sigmoid() - (scores - others).sigmoid())).sum(-2);
    }
}
