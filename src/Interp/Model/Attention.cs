namespace Interp;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>Multi-head attention with grouped key-value heads, rotary or not.</summary>
/// <remarks>
/// 1. Project the normed input to q, k, v (one product for the three). 2. Rotate q and k. 3. Scores q·k / scale, soft cap, mask.
/// 4. Softmax over keys; a query that sees no key gets zeros. 5. z = pattern · v. 6. Output z·W_O + b_O.
/// </remarks>
[TypeFormatterSource(typeof(NotebookFormatters))]
public sealed class Attention : IAttention
{
    private readonly TransformerConfig config;
    private readonly INorm? queryNorm;
    private readonly INorm? keyNorm;

    /// <summary>Attention over given weights, which stay the caller's.</summary>
    public Attention(TransformerConfig config, AttentionWeights weights, Rotary? rotary)
    {
        (this.config, Weights, Rotary) = (config, weights, rotary);
        queryNorm = OfHeads("attn.q_norm", "head", weights.QueryNorm);
        keyNorm = OfHeads("attn.k_norm", "kv_head", weights.KeyNorm);
    }

    /// <summary>The weights, fused.</summary>
    public AttentionWeights Weights { get; }

    /// <summary>The rotation of queries and keys, or none.</summary>
    public Rotary? Rotary { get; }

    /// <inheritdoc/>
    public IEnumerable<Site> Sites
    {
        get
        {
            Site[] common = [Q, K, V, AttnScores, Pattern, Z, Result, AttnOutRaw];
            return common.Concat(Rotary is null ? [] : [RotQ, RotK]).Concat(queryNorm?.Sites ?? []).Concat(keyNorm?.Sites ?? []);
        }
    }

    private long Heads => config.Heads;

    private long KvHeads => config.KvHeads;

    private long Width => config.DHead;

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int layer, Tensor query, Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Project(query, key, value); // [batch, pos, head or kv_head, d_head]
        (q, k, v) = (run.Emit(Q, layer, q), run.Emit(K, layer, k), run.Emit(V, layer, v));
        q = queryNorm?.Forward(run, layer, q) ?? q;
        k = keyNorm?.Forward(run, layer, k) ?? k;
        if (Rotary is not null)
        {
            q = run.Emit(RotQ, layer, Rotary.Apply(run, q));
            k = run.Emit(RotK, layer, Rotary.Apply(run, k));
        }
        if (run.Cache is not null)
            (k, v) = run.Cache.Extend(layer, k, v); // [batch, past + pos, kv_head, d_head]
        var z = run.Emit(Z, layer, Mix(run, layer, q, k, v)); // [batch, pos, head, d_head]
        return Combine(run, layer, z).MoveToOuterDisposeScope(); // [batch, pos, d_model]
    }

    /// <summary>How many heads, how wide.</summary>
    public override string ToString() => $"attention of {config.Heads} heads of {config.DHead}{(config.KvHeads == config.Heads ? "" : $", {config.KvHeads} for keys and values")}";

    /// <summary>Queries, keys and values of normed inputs, before rotary and cache.</summary>
    /// <param name="query">[batch, pos, d_model] or [batch, pos, head, d_model].</param>
    /// <param name="key">[batch, pos, d_model] or [batch, pos, kv_head, d_model].</param>
    /// <param name="value">Like <paramref name="key"/>.</param>
    internal (Tensor Q, Tensor K, Tensor V) Project(Tensor query, Tensor key, Tensor value)
    {
        if (ReferenceEquals(query, key) && ReferenceEquals(key, value))
        {
            var all = Clipped(Affine(query, Weights.Qkv, Weights.QkvBias)).unflatten(-1, [Heads + 2 * KvHeads, Width]);
            return (all.narrow(2, 0, Heads), all.narrow(2, Heads, KvHeads), all.narrow(2, Heads + KvHeads, KvHeads));
        }
        return (Clipped(Part(query, 0, Heads)), Clipped(Part(key, Heads, KvHeads)), Clipped(Part(value, Heads + KvHeads, KvHeads)));
    }

    /// <summary>The scores, the pattern and what it mixes.</summary>
    /// <returns>z, [batch, pos, head, d_head].</returns>
    internal Tensor Mix(ForwardContext run, int layer, Tensor q, Tensor k, Tensor v)
    {
        var bias = run.AttentionBias(layer, q);
        var scores = Scores(q, k, bias); // [batch, head, query, key]
        scores = run.Emit(AttnScores, layer, scores);
        var pattern = run.Emit(Pattern, layer, Softmax(scores, run.BlindQueries(bias))); // [batch, head, query, key]
        return Weighted(pattern, v);
    }

    /// <summary>Values mixed by a pattern.</summary>
    /// <param name="pattern">[batch, head, query, key].</param>
    /// <param name="v">[batch, key, kv_head, d_head].</param>
    /// <returns>[batch, query, head, d_head].</returns>
    internal Tensor Weighted(Tensor pattern, Tensor v)
    {
        var (batch, heads, queries, keys, shared) = (pattern.shape[0], pattern.shape[1], pattern.shape[2], pattern.shape[3], v.shape[2]);
        var values = v.transpose(1, 2).reshape(batch * shared, keys, Width); // [batch * kv_head, key, d_head]
        var grouped = pattern.reshape(batch * shared, heads / shared * queries, keys);
        return bmm(grouped, values).view(batch, heads, queries, Width).transpose(1, 2); // [batch, query, head, d_head]
    }

    /// <summary>Queries and keys after their norms and rotation, for columns that start at given positions.</summary>
    internal (Tensor Q, Tensor K) Placed(ForwardContext run, int layer, Tensor q, long queryStart, Tensor k, long keyStart)
    {
        q = queryNorm?.Forward(run, layer, q) ?? q;
        k = keyNorm?.Forward(run, layer, k) ?? k;
        return Rotary is null ? (q, k) : (Rotary.Apply(q, queryStart, null), Rotary.Apply(k, keyStart, null));
    }

    /// <summary>Scores after scale, soft cap and mask, [batch, head, query, key]; of all heads, or of those that are given.</summary>
    internal Tensor Scores(Tensor q, Tensor k, Tensor? bias)
    {
        var (batch, queries, heads, keys, shared) = (q.shape[0], q.shape[1], q.shape[2], k.shape[1], k.shape[2]);
        var scaled = (q / config.ScoreScale).transpose(1, 2).reshape(batch * shared, heads / shared * queries, Width);
        var turned = k.transpose(1, 2).reshape(batch * shared, keys, Width).transpose(1, 2); // [batch * kv_head, d_head, key]
        var scores = bmm(scaled, turned).view(batch, heads, queries, keys);
        return Finished(scores, bias);
    }

    /// <summary>Scaled scores with soft cap and mask; they may be changed in place.</summary>
    internal Tensor Finished(Tensor scores, Tensor? bias)
    {
        if (config.AttentionSoftCap > 0)
            scores = (scores / config.AttentionSoftCap).tanh() * config.AttentionSoftCap;
        return bias is null ? scores : AddMask(scores, bias);
    }

    /// <summary>Softmax over keys, in float32 at least; zeros for queries that see no key.</summary>
    internal static Tensor Softmax(Tensor scores, Tensor? blind)
    {
        var wide = scores.dtype is ScalarType.Float32 or ScalarType.Float64 ? scores : scores.to(ScalarType.Float32);
        if (blind is not null)
            wide = wide.masked_fill(blind, 0);
        var pattern = wide.softmax(-1);
        if (blind is not null)
            pattern = pattern.masked_fill(blind, 0);
        return pattern.to(scores.dtype);
    }

    /// <summary>The layer's output from z, by heads when somebody listens to their results.</summary>
    internal Tensor Combine(ForwardContext run, int layer, Tensor z)
    {
        if (!run.Hears(Result, layer))
            return run.Emit(AttnOutRaw, layer, Affine(z.flatten(2), Weights.Output, Weights.OutputBias));
        var perHead = Weights.Output.view(Heads, Width, -1); // [head, d_head, d_model]
        var byHead = matmul(z.transpose(1, 2), perHead).transpose(1, 2); // [batch, pos, head, d_model]
        var sum = run.Emit(Result, layer, byHead).sum(2);
        return run.Emit(AttnOutRaw, layer, Weights.OutputBias is null ? sum : sum + Weights.OutputBias);
    }

    /// <summary>x·W + b over the last axis; weights of fewer bits than x has are converted.</summary>
    internal static Tensor Affine(Tensor x, Tensor weight, Tensor? bias)
    {
        var (read, stored) = (x.dtype, weight.dtype);
        if (read != stored && (read == ScalarType.Float64 || (read == ScalarType.Float32 && stored != ScalarType.Float64))) // a pass in more bits than the weights have
            (weight, bias) = (weight.to(read), bias?.to(read));
        var shape = x.shape;
        var flat = x.reshape(-1, shape[^1]);
        var result = bias is null ? mm(flat, weight) : addmm(bias, flat, weight, 1, 1);
        shape[^1] = weight.shape[1];
        return result.view(shape);
    }

    private static Tensor AddMask(Tensor scores, Tensor bias) => scores.requires_grad ? scores + bias : scores.add_(bias);

    private Tensor Clipped(Tensor x) => config.QkvClip > 0 ? x.clamp(-config.QkvClip, config.QkvClip) : x;

    private INorm? OfHeads(string module, string axis, Tensor? gain) => (gain, config.QueryKeyNormKind) switch
    {
        (null, _) => null,
        (_, QueryKeyNormKind.Head) => new Norm(module, true, false, config.DHead, config.Epsilon, new NormWeights { Gain = gain }),
        (_, var kind) => new HeadsNorm(module, axis, kind == QueryKeyNormKind.Projection, config.Epsilon, gain),
    };

    // Columns [first, first + count) of the fused matrix, applied to an input that all heads share or that each has its own of.
    private Tensor Part(Tensor x, long first, long count)
    {
        var weight = Weights.Qkv.narrow(1, first * Width, count * Width); // [d_model, count * d_head]
        var bias = Weights.QkvBias?.narrow(0, first * Width, count * Width);
        if (x.dim() == 3)
            return Affine(x, weight, bias).unflatten(-1, [count, Width]);
        var perHead = weight.view(-1, count, Width).permute(1, 0, 2); // [head, d_model, d_head]
        var result = matmul(x.unsqueeze(-2), perHead).squeeze(-2); // [batch, pos, head, d_head]
        return bias is null ? result : result + bias.view(count, Width);
    }
}
