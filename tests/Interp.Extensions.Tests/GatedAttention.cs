namespace Interp.Extensions.Tests;

using Interp.Extending;
using TorchSharp;
using static Interp.Sites;
using static TorchSharp.torch;

/// <summary>An attention of a user's own: each head's mixed values pass a gate, which is a hook point of its own.</summary>
internal sealed class GatedAttention(HookedTransformer model, int layer) : IAttention
{
    /// <summary>How far each head's gate is open, [batch, pos, head].</summary>
    public static readonly Site Gate = Site.InLayer("attn.hook_gate", "batch pos head");

    /// <inheritdoc/>
    public IEnumerable<Site> Sites => [Q, K, V, AttnScores, Pattern, Z, Gate];

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int at, Tensor query, Tensor key, Tensor value)
    {
        using var scope = NewDisposeScope();
        var config = run.Config;
        Tensor Heads(Tensor x, Tensor w) => einsum("bpd,hde->bphe", x, w); // [batch, pos, head, d_head]
        var q = run.Emit(Q, at, Heads(query, model.WQ(layer)));
        var k = run.Emit(K, at, Heads(key, model.WK(layer)));
        var v = run.Emit(V, at, Heads(value, model.WV(layer)));
        if (run.Cache is not null)
            (k, v) = run.Cache.Extend(at, k, v); // [batch, past + pos, head, d_head]
        var scores = einsum("bqhe,bkhe->bhqk", q, k) / config.ScoreScale;
        if (run.AttentionBias(at, scores) is { } bias)
            scores += bias;
        var pattern = run.Emit(Pattern, at, run.Emit(AttnScores, at, scores).softmax(-1));
        var z = run.Emit(Z, at, einsum("bhqk,bkhe->bqhe", pattern, v));
        var gate = run.Emit(Gate, at, q.square().mean([-1]).sigmoid()); // [batch, pos, head]
        return einsum("bphe,hed->bpd", z * gate.unsqueeze(-1), model.WO(layer)).MoveToOuterDisposeScope();
    }
}
